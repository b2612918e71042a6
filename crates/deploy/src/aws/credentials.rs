//! Credentials, kept until shortly before they expire.
//!
//! The SDK's default chain asks its source each time: with SSO or an assumed role that is another request, with
//! `credential_process` another process.

use std::time::{Duration, SystemTime};

use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, Result, SharedCredentialsProvider, future},
};
use tokio::sync::Mutex;

/// How long before their expiry credentials are replaced.
const BUFFER: Duration = Duration::from_mins(1);

/// A provider that keeps the credentials of another one.
#[derive(Debug)]
pub(super) struct CachedCredentials {
    provider: SharedCredentialsProvider,
    cached: Mutex<Option<Credentials>>,
}

impl CachedCredentials {
    /// Returns a provider that keeps the credentials of `provider`.
    pub(super) fn new(provider: SharedCredentialsProvider) -> Self {
        Self { provider, cached: Mutex::default() }
    }

    async fn get(&self) -> Result {
        let mut cached = self.cached.lock().await;
        if let Some(credentials) = cached.as_ref().filter(|credentials| is_valid(credentials)) {
            return Ok(credentials.clone());
        }
        let credentials = self.provider.provide_credentials().await?;
        *cached = Some(credentials.clone());
        Ok(credentials)
    }
}

impl ProvideCredentials for CachedCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.get())
    }
}

fn is_valid(credentials: &Credentials) -> bool {
    credentials.expiry().is_none_or(|expiry| expiry > SystemTime::now() + BUFFER)
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    /// Counts its calls; its credentials live for this long.
    #[derive(Debug)]
    struct Counted(Arc<AtomicUsize>, Option<Duration>);

    impl ProvideCredentials for Counted {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            self.0.fetch_add(1, Ordering::Relaxed);
            let expiry = self.1.map(|lifetime| SystemTime::now() + lifetime);
            future::ProvideCredentials::ready(Ok(Credentials::new("id", "secret", None, expiry, "counted")))
        }
    }

    async fn calls_of_three_requests(lifetime: Option<Duration>) -> usize {
        let calls = Arc::default();
        let counted = Counted(Arc::clone(&calls), lifetime);
        let cached = CachedCredentials::new(SharedCredentialsProvider::new(counted));
        for _ in 0..3 {
            assert_eq!(cached.provide_credentials().await.expect("given").access_key_id(), "id");
        }
        calls.load(Ordering::Relaxed)
    }

    #[tokio::test]
    async fn asks_the_source_once_until_the_credentials_expire() {
        assert_eq!(calls_of_three_requests(None).await, 1);
        assert_eq!(calls_of_three_requests(Some(Duration::from_hours(1))).await, 1);
        assert_eq!(calls_of_three_requests(Some(Duration::from_secs(30))).await, 3);
    }
}
