//! In-memory fakes of the workshop's other modules, for development and tests.
//!
//! - [`adoptions`]: modules 2 to 4, likes and adoptions of visitors who are signed in.
//! - [`events`]: module 5, clicks on profiles, and the questions of the contact form.
//! - [`cognito`]: module 4, a user pool with the protocol of Amazon Cognito.
//!
//! Nothing is written to disk, and nothing personal to the log. All state is lost when the process ends.

pub mod adoptions;
mod body;
pub mod cognito;
pub mod events;

use std::sync::Arc;

use axum::Router;
use mysfits_site::settings::Settings;

use self::{
    adoptions::AdoptionStore,
    cognito::{Cognito, CognitoError},
};

/// The state of all fakes.
#[derive(Debug, Clone)]
pub struct DevServices {
    adoptions: Arc<AdoptionStore>,
    cognito: Arc<Cognito>,
}

impl DevServices {
    /// Returns fakes without users, likes or adoptions. Confirmation codes go to the log.
    ///
    /// # Errors
    /// [`CognitoError::Internal`] if the system has no random numbers.
    pub fn new() -> Result<Self, CognitoError> {
        Ok(Self::with_cognito(Cognito::new(Box::new(cognito::log_code))?))
    }

    /// Returns fakes with this user pool.
    #[must_use]
    pub fn with_cognito(cognito: Cognito) -> Self {
        Self { adoptions: Arc::default(), cognito: Arc::new(cognito) }
    }

    /// Returns the likes and adoptions, for the API that lists the mysfits.
    #[must_use]
    pub fn adoptions(&self) -> Arc<AdoptionStore> {
        self.adoptions.clone()
    }

    /// Returns the routes of all fakes.
    pub fn router(&self) -> Router {
        adoptions::routes(self.adoptions.clone(), self.cognito.clone())
            .merge(events::routes())
            .merge(cognito::routes(self.cognito.clone()))
    }

    /// Returns the settings of a site that uses these fakes on its own origin.
    #[must_use]
    pub fn settings() -> Settings {
        let own_origin = || Some(String::new());
        Settings {
            mysfits_api_endpoint: own_origin(),
            streaming_api_endpoint: own_origin(),
            questions_api_endpoint: own_origin(),
            recommendations_api_endpoint: own_origin(),
            cognito_user_pool_id: Some(cognito::POOL_ID.to_owned()),
            cognito_user_pool_client_id: Some(cognito::CLIENT_ID.to_owned()),
            aws_region: Some(cognito::REGION.to_owned()),
            cognito_endpoint: Some(cognito::PATH.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests;
