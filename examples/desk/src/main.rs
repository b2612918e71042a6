//! A desk that reads a visitor's answers back to them, in their language.
//!
//! Which questions there are, in which order, and what an answer may be is all said by `mysfits-domain`: this service
//! has no copy of any of it, and a wrong entry does not get as far as its code.

use axum::{
    Json, Router,
    extract::{Path, Query, rejection::JsonRejection},
    http::StatusCode,
    routing::{get, post},
};
use mysfits_domain::{Entry, Locale, Question, questionnaire};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Language {
    #[serde(default)]
    locale: Locale,
}

#[derive(Deserialize)]
struct Answers {
    entry: Entry,
}

#[derive(Serialize)]
struct ReadBack {
    question: &'static str,
    answer: &'static str,
}

/// `POST /answers`: the entry in words.
async fn read_back(
    Query(Language { locale }): Query<Language>,
    answers: Result<Json<Answers>, JsonRejection>,
) -> Result<Json<Vec<ReadBack>>, (StatusCode, String)> {
    let Json(Answers { entry }) = answers.map_err(|rejection| (rejection.status(), rejection.body_text()))?;
    let read_back = |(question, answer): (&Question, &mysfits_domain::Answer)| ReadBack {
        question: question.prompt.get(locale),
        answer: question.options[usize::from(answer.get()) - 1].get(locale),
    };
    Ok(Json(questionnaire().iter().zip(entry.answers()).map(read_back).collect()))
}

/// `GET /questions/{feature}`: what may be answered.
async fn options(
    Path(feature): Path<String>,
    Query(Language { locale }): Query<Language>,
) -> Result<Json<Vec<&'static str>>, StatusCode> {
    let question = questionnaire().iter().find(|question| question.feature == feature);
    let question = question.ok_or(StatusCode::NOT_FOUND)?;
    Ok(Json(question.options.iter().map(|option| option.get(locale)).collect()))
}

fn desk() -> Router {
    Router::new().route("/answers", post(read_back)).route("/questions/{feature}", get(options))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 8090)).await?;
    println!("ready http://{}", listener.local_addr()?);
    axum::serve(listener, desk()).await
}

#[cfg(test)]
mod tests;
