//! Terminal input: a thread that reads it, and the [decoder](decode) that turns it into events.

mod decode;

use crate::app::burst::Listening;
use crate::io::error_words;
use crossterm::event::Event;
use decode::Decoder;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use std::collections::VecDeque;
use std::io::{self, PipeReader, PipeWriter, Read as _, Write as _};
use std::thread::JoinHandle;
use std::time::Instant;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// More than a terminal returns at once.
const READ: usize = 16 * 1024;

#[derive(Debug)]
enum Piece {
    Bytes(Vec<u8>, Instant),
    /// The window was resized after the input before this.
    Resized,
    /// The system can't say whether there is input.
    Broken(Errno),
}

#[derive(Debug)]
pub struct Input {
    reader: Reader,
    decoder: Decoder,
    /// When the last piece arrived.
    last: Instant,
    events: VecDeque<Event>,
    broken: Option<Errno>,
}

impl Input {
    /// Starts reading the terminal on standard input.
    ///
    /// # Errors
    /// If no thread can be started.
    pub fn begin() -> io::Result<Input> {
        let reader = Reader::start()?;
        Ok(Input { reader, decoder: Decoder::default(), last: Instant::now(), events: VecDeque::new(), broken: None })
    }

    /// Stops reading, so that another program gets the input. Input read before is kept.
    pub fn pause(&mut self) {
        self.reader.stop();
        while let Ok(piece) = self.reader.pieces.try_recv() {
            if let Piece::Bytes(bytes, at) = piece {
                self.decoder.feed(&bytes, at, &Listening::default(), &mut self.events);
            }
        }
    }

    /// Resumes reading after [`Input::pause`].
    ///
    /// # Errors
    /// As [`Input::begin`].
    pub fn resume(&mut self) -> io::Result<()> {
        self.reader = Reader::start()?;
        Ok(())
    }

    /// Queues a resize event after the input typed before it.
    pub fn resized(&mut self) {
        self.reader.wake();
    }

    /// Why no more input can be read although the terminal is there.
    pub fn broken(&self) -> Option<io::Error> {
        let why = io::Error::from(self.broken?);
        Some(io::Error::other(format!("the terminal can't be read: {}", error_words(&why))))
    }

    /// The next event; None if the terminal is gone. Cancel-safe.
    pub async fn next(&mut self, listening: &Listening) -> Option<Event> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Some(event);
            }
            let piece = self.reader.pieces.recv();
            let piece = match self.decoder.patience() {
                Some(patience) => tokio::time::timeout_at((self.last + patience).into(), piece).await,
                None => Ok(piece.await),
            };
            match piece {
                Ok(Some(Piece::Resized)) => {
                    self.decoder.interrupted(&mut self.events);
                    let size = crossterm::terminal::size();
                    self.events.extend(size.map(|(width, height)| Event::Resize(width, height)));
                }
                Ok(Some(Piece::Bytes(bytes, at))) => {
                    self.last = at;
                    self.decoder.feed(&bytes, at, listening, &mut self.events);
                }
                Ok(Some(Piece::Broken(why))) => {
                    self.broken = Some(why);
                    return None;
                }
                Ok(None) => return None,
                Err(_) => self.decoder.pause(Instant::now(), &mut self.events),
            }
        }
    }
}

#[derive(Debug)]
struct Reader {
    pieces: UnboundedReceiver<Piece>,
    /// Writing a byte wakes the thread; closing the pipe ends it.
    open: Option<(PipeWriter, JoinHandle<()>)>,
}

impl Reader {
    fn start() -> io::Result<Reader> {
        let (tell, pieces) = unbounded_channel();
        let (woken, open) = io::pipe()?;
        let thread = std::thread::Builder::new().name("input".into()).spawn(move || read(woken, &tell))?;
        Ok(Reader { pieces, open: Some((open, thread)) })
    }

    fn wake(&mut self) {
        if let Some((open, _)) = &mut self.open {
            let _ = open.write_all(&[0]);
        }
    }

    fn stop(&mut self) {
        if let Some((open, thread)) = self.open.take() {
            drop(open);
            let _ = thread.join();
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Reads until it is told to stop or the terminal is gone.
fn read(mut woken: PipeReader, tell: &UnboundedSender<Piece>) {
    let stdin = rustix::stdio::stdin();
    let mut buffer = vec![0; READ];
    loop {
        let mut fds = [PollFd::from_borrowed_fd(stdin, PollFlags::IN), PollFd::new(&woken, PollFlags::IN)];
        match poll(&mut fds, None) {
            Ok(_) => {}
            Err(Errno::INTR) => continue,
            Err(why) => {
                let _ = tell.send(Piece::Broken(why));
                return;
            }
        }
        let [terminal, waker] = fds.map(|fd| fd.revents());
        if waker.contains(PollFlags::HUP) && !waker.contains(PollFlags::IN) {
            // Further input belongs to another program.
            return;
        }
        let mut pieces = Vec::new();
        if terminal.contains(PollFlags::IN) {
            match rustix::io::read(stdin, &mut buffer) {
                Ok(0) => return,
                Ok(len) => pieces.push(Piece::Bytes(buffer.get(..len).unwrap_or_default().to_vec(), Instant::now())),
                Err(Errno::INTR | Errno::AGAIN) => {}
                Err(_) => return,
            }
        } else if !terminal.is_empty() {
            return;
        }
        if !waker.is_empty() {
            match woken.read(&mut [0; 64]) {
                Ok(1..) => pieces.push(Piece::Resized),
                Ok(0) | Err(_) => return,
            }
        }
        if pieces.into_iter().any(|piece| tell.send(piece).is_err()) {
            return;
        }
    }
}
