//! A response's body that is recorded while it is sent.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use axum::body::Body;
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};

use super::MAX_BODY_BYTES;
use crate::data_capture::{CapturedInvocation, DataCapture};

/// Captures an invocation when the body has been sent completely. A body of more than [`MAX_BODY_BYTES`] is not captured.
pub(super) struct CapturingBody {
    body: Body,
    /// `None` when the invocation has been recorded, or is too large for it.
    record: Option<(Arc<DataCapture>, CapturedInvocation)>,
    sent: Vec<u8>,
}

impl CapturingBody {
    pub(super) fn new(body: Body, capture: Arc<DataCapture>, invocation: CapturedInvocation) -> Self {
        Self { body, record: Some((capture, invocation)), sent: Vec::new() }
    }

    fn add(&mut self, data: &Bytes) {
        if self.record.is_none() {
            return;
        }
        if self.sent.len() + data.len() > MAX_BODY_BYTES {
            tracing::warn!("a response is too large to be captured");
            (self.record, self.sent) = (None, Vec::new());
            return;
        }
        self.sent.extend_from_slice(data);
        // A server does not poll again if it knows that this was all.
        if self.body.is_end_stream() {
            self.end();
        }
    }

    fn end(&mut self) {
        if let Some((capture, mut invocation)) = self.record.take() {
            invocation.output.data = std::mem::take(&mut self.sent).into();
            capture.record(&invocation);
        }
    }
}

impl HttpBody for CapturingBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    self.add(data);
                }
            }
            Some(Err(_)) => self.record = None,
            None => self.end(),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream() && self.record.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
