//! The operator's own AWS credentials, only when they are asked for: where they come from, and signing with them. They are
//! given to the signer and nobody else, and never shown.

use super::exchange::Failed;
use crate::io::api_key;
use reqsign_aws_v4::{Credential, DefaultCredentialProvider, RequestSigner};
use reqsign_core::{CommandExecute, CommandOutput, Context, ErrorKind, Signer, StaticEnv};
use reqsign_file_read_tokio::TokioFileRead;
use reqsign_http_send_reqwest::ReqwestHttpSend;
use reqwest::Request;
use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// A sign-in service or a program that gives credentials has so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// Credentials that could not be had are not asked for again so soon: every object would start the program anew.
const REST: Duration = Duration::from_secs(30);

/// Where AWS credentials are looked for: in the environment, in the shared files (profiles, with single sign-on and
/// `credential_process`), in a container. Never in the metadata service of a machine, which may not be there and then answers
/// nobody for a long time.
#[derive(Clone)]
pub struct Credentials {
    /// Named by the operator: what the environment holds does not count then.
    profile: Option<String>,
    home: Option<PathBuf>,
    environment: HashMap<String, String>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({})", self.origin())
    }
}

impl Credentials {
    /// Nothing is read or asked yet. Of the environment only what is meant for AWS is kept.
    pub fn new(
        profile: Option<&str>,
        home: Option<PathBuf>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Credentials {
        let environment = environment.into_iter().filter(|(name, _)| name.starts_with("AWS_")).collect();
        Credentials { profile: profile.map(str::to_owned), home, environment }
    }

    /// Where they come from, as far as can be told before they are needed: `profile acme`, `the environment`.
    pub fn origin(&self) -> String {
        let set = |name: &str| self.environment.get(name).filter(|value| !value.is_empty());
        match (&self.profile, set("AWS_ACCESS_KEY_ID"), set("AWS_PROFILE")) {
            (Some(profile), ..) | (None, None, Some(profile)) => format!("profile {profile}"),
            (None, Some(_), _) => "the environment".to_owned(),
            (None, None, None) => "profile default".to_owned(),
        }
    }
}

/// Starts what a profile names as `credential_process`. The API key is not for it.
#[derive(Clone, Copy, Debug)]
struct Programs;

impl CommandExecute for Programs {
    async fn command_execute(&self, program: &str, arguments: &[&str]) -> reqsign_core::Result<CommandOutput> {
        let mut command = std::process::Command::new(program);
        api_key::keep_from(&mut command).args(arguments);
        let output = tokio::process::Command::from(command).output().await.map_err(|error| {
            reqsign_core::Error::unexpected(format!("{program} can't be started")).with_source(error)
        })?;
        let status = output.status.code().unwrap_or(-1);
        Ok(CommandOutput { status, stdout: output.stdout, stderr: output.stderr })
    }
}

/// Signs requests for S3. Cheap to clone; credentials are had once, and again when they expire.
#[derive(Clone, Debug)]
pub(super) struct Signing {
    origin: String,
    signer: Signer<Credential>,
    /// Held while a request is signed, so that credentials that can't be had are asked for once, however many wait.
    failed: Arc<Mutex<Option<(Instant, String)>>>,
}

impl Signing {
    /// `client` is for asking sign-in services: those of AWS, and no others.
    pub(super) fn new(credentials: &Credentials, client: reqwest::Client) -> Signing {
        let environment = StaticEnv { home_dir: credentials.home.clone(), envs: credentials.environment.clone() };
        let context = Context::new()
            .with_file_read(TokioFileRead)
            .with_http_send(ReqwestHttpSend::new(client))
            .with_command_execute(Programs)
            .with_env(environment);
        let chain = DefaultCredentialProvider::builder().no_imds();
        let chain = match &credentials.profile {
            Some(profile) => chain.no_env().no_web_identity().no_ecs().with_profile(profile),
            None => chain,
        };
        let signer = Signer::new(context, chain.build(), RequestSigner::new("s3", super::address::HOME));
        Signing { origin: credentials.origin(), signer, failed: Arc::default() }
    }

    pub(super) fn origin(&self) -> &str {
        &self.origin
    }

    /// Signs it for a bucket in that region. Only headers are added.
    pub(super) async fn sign(&self, mut request: Request, region: &str) -> Result<Request, Failed> {
        let mut failed = self.failed.lock().await;
        if let Some((at, why)) = &*failed
            && at.elapsed() < REST
        {
            return Err(Failed::Unsigned(why.clone()));
        }
        let mut head = http::Request::builder().method(request.method()).uri(request.url().as_str());
        if let Some(headers) = head.headers_mut() {
            headers.clone_from(request.headers());
        }
        let head = head.body(()).map_err(|_| Failed::Unsigned("the request can't be signed".to_owned()))?;
        let mut head = head.into_parts().0;
        let signer = self.signer.clone().with_request_signer(RequestSigner::new("s3", region));
        let why = match tokio::time::timeout(PATIENCE, signer.sign(&mut head, None)).await {
            Ok(Ok(())) => None,
            // No more than its kind is told: its text may quote what a file holds or a program printed.
            Ok(Err(error)) if error.kind() == ErrorKind::CredentialInvalid => Some("has none, or they have expired"),
            Ok(Err(_)) => Some("has none that can sign"),
            Err(_) => Some("did not give any within a minute"),
        };
        if let Some(why) = why {
            let why = format!("{} {why}", self.origin);
            *failed = Some((Instant::now(), why.clone()));
            return Err(Failed::Unsigned(why));
        }
        *request.headers_mut() = head.headers;
        Ok(request)
    }
}
