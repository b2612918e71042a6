//! Likes and adoptions: `POST /mysfits/{id}/like` and `/adopt`, for visitors who are signed in.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::SystemTime,
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{
        Path, State,
        rejection::{BytesRejection, PathRejection},
    },
    http::{HeaderMap, header},
    routing::post,
};
use mysfits_api::{AdoptionStats, Adoptions, Problem};
use mysfits_domain::{MYSFIT_COUNT, MysfitId};
use serde_json::{Value, json};

use super::cognito::Cognito;

/// The likes and adoptions of each mysfit, by label.
#[derive(Debug, Default)]
pub struct AdoptionStore([Counters; MYSFIT_COUNT]);

/// The likes and adoption of one mysfit. No reader needs both to be consistent.
#[derive(Debug, Default)]
struct Counters {
    likes: AtomicU64,
    adopted: AtomicBool,
}

impl AdoptionStore {
    fn counters(&self, mysfit: MysfitId) -> &Counters {
        &self.0[usize::from(mysfit.mysfit().label.get())]
    }
}

impl Adoptions for AdoptionStore {
    fn stats(&self, mysfit: MysfitId) -> AdoptionStats {
        let Counters { likes, adopted } = self.counters(mysfit);
        AdoptionStats { likes: likes.load(Ordering::Relaxed), adopted: adopted.load(Ordering::Relaxed) }
    }
}

#[derive(Clone)]
struct AdoptionState {
    adoptions: Arc<AdoptionStore>,
    cognito: Arc<Cognito>,
}

pub(super) fn routes(adoptions: Arc<AdoptionStore>, cognito: Arc<Cognito>) -> Router {
    Router::new()
        .route("/mysfits/{mysfit_id}/like", post(like))
        .route("/mysfits/{mysfit_id}/adopt", post(adopt))
        .with_state(AdoptionState { adoptions, cognito })
}

type MysfitPath = Result<Path<String>, PathRejection>;
/// Not read, but limited like every body.
type UnreadBody = Result<Bytes, BytesRejection>;

async fn like(
    State(state): State<AdoptionState>,
    path: MysfitPath,
    headers: HeaderMap,
    body: UnreadBody,
) -> Result<Json<Value>, Problem> {
    let mysfit = state.authorize(path, &headers, body)?;
    state.adoptions.counters(mysfit).likes.fetch_add(1, Ordering::Relaxed);
    tracing::info!(mysfit = mysfit.mysfit().slug, "liked");
    Ok(success())
}

async fn adopt(
    State(state): State<AdoptionState>,
    path: MysfitPath,
    headers: HeaderMap,
    body: UnreadBody,
) -> Result<Json<Value>, Problem> {
    let mysfit = state.authorize(path, &headers, body)?;
    state.adoptions.counters(mysfit).adopted.store(true, Ordering::Relaxed);
    tracing::info!(mysfit = mysfit.mysfit().slug, "adopted");
    Ok(success())
}

/// Returns the response of the workshop's API.
fn success() -> Json<Value> {
    Json(json!({ "Update": "Success" }))
}

impl AdoptionState {
    /// Returns the mysfit if the client is signed in. Other clients do not learn which mysfits exist.
    fn authorize(
        &self,
        path: MysfitPath,
        headers: &HeaderMap,
        body: UnreadBody,
    ) -> Result<MysfitId, Problem> {
        let words = "the header Authorization must hold the id token of a sign-in";
        let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = token.ok_or_else(|| Problem::SignedOut(words.to_owned()))?;
        // API Gateway's authorizer takes the token with the scheme in front or without.
        let token = token.strip_prefix("Bearer ").unwrap_or(token).trim();
        self.cognito
            .check_id_token(token, SystemTime::now())
            .map_err(|error| Problem::SignedOut(format!("{error}; {words}")))?;
        body?;
        let Path(id) = path.map_err(|error| Problem::UnknownMysfit(error.body_text()))?;
        id.parse().map_err(|error| Problem::UnknownMysfit(format!("{error}")))
    }
}
