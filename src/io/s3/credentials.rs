//! The operator's own AWS credentials, used only on request: where they come from, and signing with them. Only the
//! signer gets them, and they are never shown.

use super::exchange::Failed;
use crate::io::api_key;
use reqsign_aws_v4::{Credential, DefaultCredentialProvider, RequestSigner};
use reqsign_core::time::Timestamp;
use reqsign_core::{CommandExecute, CommandOutput, Context, ErrorKind, ProvideCredential, Signer, StaticEnv};
use reqsign_file_read_tokio::TokioFileRead;
use reqsign_http_send_reqwest::ReqwestHttpSend;
use reqwest::Request;
use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
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

/// How long a presigned link lives, if the credentials do: enough for the service to fetch a video of hours.
const LIFE: Duration = Duration::from_secs(60 * 60);

/// A link that ends sooner is not made: it could end before the service fetches.
const SHORTEST_LIFE: Duration = Duration::from_secs(10 * 60);

/// Clocks differ.
const MARGIN: Duration = Duration::from_secs(30);

/// When temporary credentials end.
type Ends = Arc<std::sync::Mutex<Option<Timestamp>>>;

/// Notes when the credentials end.
#[derive(Debug)]
struct Noting<P> {
    source: P,
    ends: Ends,
}

impl<P: ProvideCredential<Credential = Credential>> ProvideCredential for Noting<P> {
    type Credential = Credential;

    async fn provide_credential(&self, context: &Context) -> reqsign_core::Result<Option<Credential>> {
        let credential = self.source.provide_credential(context).await?;
        let ends = credential.as_ref().and_then(|credential| credential.expires_in);
        *self.ends.lock().unwrap_or_else(PoisonError::into_inner) = ends;
        Ok(credential)
    }
}

/// Signs S3 requests. Cheap to clone; credentials are loaded once, and again after they expire.
#[derive(Clone, Debug)]
pub(super) struct Signing {
    origin: String,
    signer: Signer<Credential>,
    /// Locked while signing, so that concurrent requests try failing credentials only once.
    failed: Arc<Mutex<Option<(Instant, String)>>>,
    ends: Ends,
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
        let ends = Ends::default();
        let source = Noting { source: chain.build(), ends: Arc::clone(&ends) };
        let signer = Signer::new(context, source, RequestSigner::new("s3", super::address::HOME));
        Signing { origin: credentials.origin(), signer, failed: Arc::default(), ends }
    }

    pub(super) fn origin(&self) -> &str {
        &self.origin
    }

    /// Signs a request for a bucket in that region. Only adds headers.
    pub(super) async fn sign(&self, mut request: Request, region: &str) -> Result<Request, Failed> {
        let mut head = http::Request::builder().method(request.method()).uri(request.url().as_str());
        if let Some(headers) = head.headers_mut() {
            headers.clone_from(request.headers());
        }
        *request.headers_mut() = self.signed(head, region, None).await?.headers;
        Ok(request)
    }

    /// The address with a signature in it: whoever has it may read the object for the next hour, or as long as the
    /// credentials last. A secret.
    pub(super) async fn presigned(&self, url: &str, region: &str) -> Result<String, Failed> {
        let head = || http::Request::builder().uri(url);
        let signed = match self.life() {
            Some(life) => self.signed(head(), region, Some(life)).await,
            None => Err(self.too_short()),
        };
        let signed = match signed {
            // They were not loaded before, and end within the hour.
            Err(_) if self.life().is_some_and(|life| life < LIFE) => {
                *self.failed.lock().await = None;
                self.signed(head(), region, self.life()).await
            }
            Err(_) if self.life().is_none() => Err(self.too_short()),
            signed => signed,
        };
        signed.map(|head| head.uri.to_string())
    }

    fn too_short(&self) -> Failed {
        Failed::Unsigned(format!(
            "{} has credentials that end within {} minutes",
            self.origin,
            SHORTEST_LIFE.as_secs() / 60
        ))
    }

    /// How long a link may live. None if the credentials end too soon; those that ended are loaded again.
    fn life(&self) -> Option<Duration> {
        let ends = *self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(ends) = ends else { return Some(LIFE) };
        let left = ends.as_second().saturating_sub(Timestamp::now().as_second());
        let Some(left) = u64::try_from(left).ok().filter(|left| *left > 0) else { return Some(LIFE) };
        let life = Duration::from_secs(left).saturating_sub(MARGIN).min(LIFE);
        (life >= SHORTEST_LIFE).then_some(life)
    }

    async fn signed(
        &self,
        head: http::request::Builder,
        region: &str,
        life: Option<Duration>,
    ) -> Result<http::request::Parts, Failed> {
        let mut failed = self.failed.lock().await;
        if let Some((at, why)) = &*failed
            && at.elapsed() < REST
        {
            return Err(Failed::Unsigned(why.clone()));
        }
        let head = head.body(()).map_err(|_| Failed::Unsigned("the request can't be signed".to_owned()))?;
        let mut head = head.into_parts().0;
        let signer = self.signer.clone().with_request_signer(RequestSigner::new("s3", region));
        let why = match tokio::time::timeout(PATIENCE, signer.sign(&mut head, life)).await {
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
        Ok(head)
    }
}
