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
use mysfits_api::{Adoption, Adoptions, Problem, guarded, with_preflight};
use mysfits_domain::{MYSFIT_COUNT, MysfitId};
use serde_json::{Value, json};

use super::cognito::Cognito;

/// What visitors did with the mysfits, by label.
#[derive(Debug, Default)]
pub struct Likes([Of; MYSFIT_COUNT]);

/// What they did with one. Counters and flags of their own: no reader needs several of them to fit together.
#[derive(Debug, Default)]
struct Of {
    likes: AtomicU64,
    adopted: AtomicBool,
}

impl Likes {
    fn entry(&self, mysfit: MysfitId) -> &Of {
        &self.0[usize::from(mysfit.mysfit().label.get())]
    }
}

impl Adoptions for Likes {
    fn of(&self, mysfit: MysfitId) -> Adoption {
        let Of { likes, adopted } = self.entry(mysfit);
        Adoption { likes: likes.load(Ordering::Relaxed), adopted: adopted.load(Ordering::Relaxed) }
    }
}

#[derive(Clone)]
struct Shared {
    likes: Arc<Likes>,
    cognito: Arc<Cognito>,
}

pub(super) fn routes(likes: Arc<Likes>, cognito: Arc<Cognito>) -> Router {
    let router = Router::new()
        .route("/mysfits/{mysfit_id}/like", with_preflight(post(like)))
        .route("/mysfits/{mysfit_id}/adopt", with_preflight(post(adopt)));
    guarded(router.with_state(Shared { likes, cognito }))
}

type MysfitPath = Result<Path<String>, PathRejection>;
/// Nothing is read of it, but it must not be larger than any other.
type AnyBody = Result<Bytes, BytesRejection>;

async fn like(
    State(shared): State<Shared>,
    path: MysfitPath,
    headers: HeaderMap,
    body: AnyBody,
) -> Result<Json<Value>, Problem> {
    let mysfit = shared.admit(path, &headers, body)?;
    shared.likes.entry(mysfit).likes.fetch_add(1, Ordering::Relaxed);
    tracing::info!(mysfit = mysfit.mysfit().slug, "liked");
    Ok(success())
}

async fn adopt(
    State(shared): State<Shared>,
    path: MysfitPath,
    headers: HeaderMap,
    body: AnyBody,
) -> Result<Json<Value>, Problem> {
    let mysfit = shared.admit(path, &headers, body)?;
    shared.likes.entry(mysfit).adopted.store(true, Ordering::Relaxed);
    tracing::info!(mysfit = mysfit.mysfit().slug, "adopted");
    Ok(success())
}

/// The workshop's own answer.
fn success() -> Json<Value> {
    Json(json!({ "Update": "Success" }))
}

impl Shared {
    /// The mysfit, if there is one and the caller is signed in. Who is not does not learn which mysfits there are.
    fn admit(&self, path: MysfitPath, headers: &HeaderMap, body: AnyBody) -> Result<MysfitId, Problem> {
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
