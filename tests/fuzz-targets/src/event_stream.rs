//! Responses of InvokeEndpointWithResponseStream: what a container sends arrives as an event stream, whole and in order.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes},
    http::{Request, Response, StatusCode},
};
use flate2::Crc;
use http_body_util::BodyExt as _;
use mysfits_sagemaker::{
    BoxFuture, Container, ContainerError, Endpoint, Endpoints, VariantBackend, http::router,
};
use tower::ServiceExt as _;

use crate::http::runtime;

/// The first byte is the length of the chunks, and the second says whether the response breaks off after them; the rest is the
/// response of a container. Reads the event stream and compares.
///
/// # Panics
/// If the events are not the response.
pub fn event_stream(input: &[u8]) {
    let [chunk_len, breaks_off, response @ ..] = input else { return };
    let breaks_off = breaks_off % 2 == 1;
    let container = StreamingContainer {
        chunk_len: usize::from(*chunk_len).max(1),
        breaks_off,
        response: Bytes::copy_from_slice(response),
    };
    let backend = VariantBackend::Container(Arc::new(container));
    let endpoint = Endpoint::new("a", backend).expect("a valid name");
    let request = Request::post("/endpoints/a/invocations-response-stream").body(Body::from("1"));
    let answer = router(Endpoints::new([endpoint])).oneshot(request.expect("a valid request"));
    let (status, body) = runtime().block_on(async {
        let Ok(answer) = answer.await;
        (answer.status(), answer.into_body().collect().await.expect("the stream is complete").to_bytes())
    });
    assert_eq!(status, StatusCode::OK);
    let mut events = read_events(&body);
    if breaks_off {
        let last = events.pop().expect("an exception");
        assert_eq!(last.headers[0], (":message-type".to_owned(), "exception".to_owned()));
    }
    let mut read = Vec::new();
    for EventMessage { headers, payload } in events {
        assert_eq!(headers[1], (":event-type".to_owned(), "PayloadPart".to_owned()));
        read.extend(payload);
    }
    assert_eq!(read, response);
}

/// A message of an event stream.
struct EventMessage {
    headers: Vec<(String, String)>,
    payload: Vec<u8>,
}

fn read_events(mut bytes: &[u8]) -> Vec<EventMessage> {
    let mut events = Vec::new();
    while !bytes.is_empty() {
        let (total, headers_len) = (number(&bytes[..4]), number(&bytes[4..8]));
        assert_eq!(number(&bytes[8..12]), checksum(&bytes[..8]));
        assert_eq!(number(&bytes[total - 4..total]), checksum(&bytes[..total - 4]));
        let mut headers = Vec::new();
        let mut head = &bytes[12..12 + headers_len];
        while let [name_len, rest @ ..] = head {
            let (name, rest) = rest.split_at(usize::from(*name_len));
            assert_eq!(rest[0], 7, "a text");
            let (value, rest) = rest[3..].split_at(usize::from(rest[1]) << 8 | usize::from(rest[2]));
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
            headers.push((text(name), text(value)));
            head = rest;
        }
        events.push(EventMessage { headers, payload: bytes[12 + headers_len..total - 4].to_vec() });
        bytes = &bytes[total..];
    }
    events
}

fn number(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |number, byte| number << 8 | usize::from(*byte))
}

fn checksum(bytes: &[u8]) -> usize {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum() as usize
}

/// A container that answers in chunks.
#[derive(Clone)]
struct StreamingContainer {
    chunk_len: usize,
    breaks_off: bool,
    response: Bytes,
}

impl fmt::Debug for StreamingContainer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StreamingContainer")
    }
}

impl Container for StreamingContainer {
    fn invoke(&self, _request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Body>, ContainerError>> {
        let response = Response::new(Body::new(self.clone()));
        Box::pin(async { Ok(response) })
    }

    fn is_healthy(&self) -> BoxFuture<'_, bool> {
        Box::pin(async { true })
    }
}

impl http_body::Body for StreamingContainer {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, &'static str>>> {
        let len = self.chunk_len.min(self.response.len());
        if len > 0 {
            return Poll::Ready(Some(Ok(http_body::Frame::data(self.response.split_to(len)))));
        }
        Poll::Ready(self.breaks_off.then_some(Err("the connection was closed")))
    }
}
