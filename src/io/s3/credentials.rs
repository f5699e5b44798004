//! The operator's own AWS credentials, used only on request: where they come from, and signing with them. Only the
//! signer gets them, and they are never shown.

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

/// Timeout for a sign-in service or a credential program.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long failed credentials are not retried: otherwise every object would start the program again.
const REST: Duration = Duration::from_secs(30);

/// Sources of AWS credentials: the environment, the shared files (profiles, with single sign-on and
/// `credential_process`), a container. Never the machine's metadata service, which may be missing and then takes long
/// to time out.
#[derive(Clone)]
pub struct Credentials {
    /// Named by the operator: overrides the environment.
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
    /// Reads and asks nothing yet. Keeps only AWS variables of the environment.
    pub fn new(
        profile: Option<&str>,
        home: Option<PathBuf>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Credentials {
        let environment = environment.into_iter().filter(|(name, _)| name.starts_with("AWS_")).collect();
        Credentials { profile: profile.map(str::to_owned), home, environment }
    }

    /// The origin, as far as it is known in advance: `profile acme`, `the environment`.
    pub fn origin(&self) -> String {
        let set = |name: &str| self.environment.get(name).filter(|value| !value.is_empty());
        match (&self.profile, set("AWS_ACCESS_KEY_ID"), set("AWS_PROFILE")) {
            (Some(profile), ..) | (None, None, Some(profile)) => format!("profile {profile}"),
            (None, Some(_), _) => "the environment".to_owned(),
            (None, None, None) => "profile default".to_owned(),
        }
    }
}

/// Runs a profile's `credential_process`, without the API key in its environment.
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

/// Signs S3 requests. Cheap to clone; credentials are loaded once, and again after they expire.
#[derive(Clone, Debug)]
pub(super) struct Signing {
    origin: String,
    signer: Signer<Credential>,
    /// Locked while signing, so that concurrent requests try failing credentials only once.
    failed: Arc<Mutex<Option<(Instant, String)>>>,
}

impl Signing {
    /// `client` is used only for AWS sign-in services.
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

    /// Signs a request for a bucket in that region. Only adds headers.
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
            // Report only the kind: the text may quote a file or a program's output.
            Ok(Err(error)) if error.kind() == ErrorKind::CredentialInvalid => Some("has none, or they have expired"),
            Ok(Err(_)) => Some("has none that can sign"),
            Err(_) => Some("gave none within a minute"),
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
