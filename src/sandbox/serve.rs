//! Accepts connections on loopback, and cuts them: a server that always behaves well rehearses nothing.

use axum::{Extension, Router};
use hyper::server::conn::http1::Builder;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, DropGuard};

/// A server that runs, with its connections, until this is dropped.
#[derive(Debug)]
pub(super) struct Listening {
    pub(super) address: SocketAddr,
    _stop: DropGuard,
}

/// Closes a request's connection. Every request has one in its extensions.
#[derive(Clone, Debug)]
pub(super) struct Cut(CancellationToken);

impl Cut {
    /// Never returns: the connection is gone, and this future with it.
    pub(super) async fn now<T>(self) -> T {
        self.0.cancel();
        std::future::pending().await
    }
}

/// Listens on 127.0.0.1; port 0 for any free one.
pub(super) async fn listen(port: u16, router: Router) -> io::Result<Listening> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let address = listener.local_addr()?;
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    tokio::spawn(async move {
        let accepting = async {
            loop {
                match listener.accept().await {
                    Ok((stream, _)) => drop(tokio::spawn(connection(stream, router.clone(), stopped.child_token()))),
                    // Probably out of descriptors: ending connections free some.
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                }
            }
        };
        stopped.run_until_cancelled(accepting).await;
    });
    Ok(Listening { address, _stop: stop.drop_guard() })
}

async fn connection(stream: TcpStream, router: Router, cut: CancellationToken) {
    let _ = stream.set_nodelay(true);
    let service = TowerToHyperService::new(router.layer(Extension(Cut(cut.clone()))));
    // The client decides how a connection ends.
    let _ = cut.run_until_cancelled(Builder::new().serve_connection(TokioIo::new(stream), service)).await;
}
