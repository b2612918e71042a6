//! The InvokeEndpointWithResponseStream operation: the response as an event stream.

use std::{
    collections::VecDeque,
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, Uri, header},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame};
use serde_json::json;
use tokio::time::{Sleep, sleep};

use super::{
    RouterState,
    event_stream::{self, message},
    headers::{SERVICE_CONTENT_TYPE, renamed},
    invoke_endpoint::{SyncOperation, respond},
    service_error::{ServiceError, with_request_id},
};

/// The time for a model to finish a streamed response, as in the real service.
const STREAM_TIMEOUT: Duration = Duration::from_mins(8);
/// The largest payload of an event, in bytes.
const MAX_PART_BYTES: usize = 1 << 20;

/// `POST /endpoints/{name}/invocations-response-stream`.
pub(super) async fn invoke(
    State(state): State<RouterState>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let operation = SyncOperation::InvokeEndpointWithResponseStream;
    let (id, response) = respond(operation, &state, &uri, headers, body).await;
    with_request_id(id, response.map_or_else(ServiceError::into_response, as_event_stream))
}

fn as_event_stream(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let mut headers =
        renamed(std::mem::take(&mut parts.headers), &header::CONTENT_TYPE, SERVICE_CONTENT_TYPE);
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(event_stream::CONTENT_TYPE));
    parts.headers = headers;
    let events =
        EventBody { body: Some(body), deadline: Box::pin(sleep(STREAM_TIMEOUT)), events: VecDeque::new() };
    Response::from_parts(parts, Body::new(events))
}

/// A body as events: a `PayloadPart` for each piece that arrives, and a `ModelStreamError` if it breaks off.
struct EventBody {
    /// `None` after the last piece.
    body: Option<Body>,
    deadline: Pin<Box<Sleep>>,
    /// Messages that are ready to be sent.
    events: VecDeque<Bytes>,
}

impl EventBody {
    fn fail(&mut self, code: &str, text: &str) {
        let headers = [
            (":message-type", "exception"),
            (":exception-type", "ModelStreamError"),
            (":content-type", "application/json"),
        ];
        let payload = json!({ "ErrorCode": code, "Message": text }).to_string();
        self.events.push_back(message(&headers, payload.as_bytes()));
        self.body = None;
    }
}

impl HttpBody for EventBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        const PART: [(&str, &str); 3] = [
            (":message-type", "event"),
            (":event-type", "PayloadPart"),
            (":content-type", "application/octet-stream"),
        ];
        loop {
            if let Some(event) = self.events.pop_front() {
                return Poll::Ready(Some(Ok(Frame::data(event))));
            }
            let Some(body) = &mut self.body else { return Poll::Ready(None) };
            match Pin::new(body).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => {
                    if let Ok(data) = frame.into_data() {
                        let parts = data.chunks(MAX_PART_BYTES).map(|part| message(&PART, part));
                        self.events.extend(parts);
                    }
                }
                Poll::Ready(Some(Err(_))) => self.fail(
                    "StreamBroken",
                    "The connection to the model was closed before the response was complete.",
                ),
                Poll::Ready(None) => self.body = None,
                Poll::Pending => {
                    if self.deadline.as_mut().poll(context).is_pending() {
                        return Poll::Pending;
                    }
                    let text = "The model did not finish the response within the time allowed.";
                    self.fail("ModelInvocationTimeExceeded", text);
                }
            }
        }
    }
}
