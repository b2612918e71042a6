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

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderName, Method, header},
};
use mysfits_api::{MAX_BODY_BYTES, Problem};
use mysfits_site::settings::SiteSettings;
use tower_http::cors::{Any, CorsLayer};

use self::{
    adoptions::AdoptionStore,
    cognito::{Cognito, CognitoError},
};

/// The headers that pages of other origins may send.
const ALLOW_HEADERS: [HeaderName; 5] = [
    header::AUTHORIZATION,
    header::CACHE_CONTROL,
    header::CONTENT_TYPE,
    HeaderName::from_static("x-amz-target"),
    HeaderName::from_static("x-amz-user-agent"),
];

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

    /// Returns the routes of all fakes, for pages of any origin.
    pub fn router(&self) -> Router {
        let cors = CorsLayer::new()
            .allow_origin(Any)
            .allow_methods([Method::POST, Method::PUT])
            .allow_headers(ALLOW_HEADERS);
        adoptions::routes(self.adoptions.clone(), self.cognito.clone())
            .merge(events::routes())
            .merge(cognito::routes(self.cognito.clone()))
            .method_not_allowed_fallback(async || Problem::MethodNotAllowed)
            .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
            .route_layer(cors)
    }

    /// Returns the settings of a site that uses these fakes on its own origin.
    #[must_use]
    pub fn settings() -> SiteSettings {
        let own_origin = || Some(String::new());
        SiteSettings {
            mysfits_api_endpoint: own_origin(),
            streaming_api_endpoint: own_origin(),
            questions_api_endpoint: own_origin(),
            recommendations_api_endpoint: own_origin(),
            cognito_user_pool_id: Some(cognito::POOL_ID.to_owned()),
            cognito_user_pool_client_id: Some(cognito::CLIENT_ID.to_owned()),
            aws_region: Some(cognito::REGION.to_owned()),
            cognito_endpoint: Some(cognito::PATH.to_owned()),
            feedback_endpoint: None,
        }
    }
}

#[cfg(test)]
mod tests;
