//! Answers of many rows, and bodies of any length.

use std::time::Duration;

use axum::{body::Body, http::Request};
use http_body_util::BodyExt as _;
use mysfits_knn::{Dataset, Hyperparameters, Model};
use mysfits_sagemaker::{
    Endpoint, Endpoints, LocalEndpoint,
    codec::Accept,
    http::{self, MAX_BODY_BYTES},
    inference::Predictions,
};
use ndarray::{Array1, Array2};
use tower::ServiceExt as _;

use crate::support::{ENDPOINT, ask, ask_over_socket, endpoints, maximum, maximum_of, request, run};

const ACCEPTS: [&str; 6] = [
    "application/json",
    "application/json; verbose=true",
    "application/jsonlines",
    "application/jsonlines; verbose=true",
    "application/x-recordio-protobuf",
    "application/x-recordio-protobuf; verbose=true",
];

fn samples(n: usize) -> Array2<f32> {
    Array2::from_shape_fn((n, 2), |(row, column)| (if column == 0 { row % 10 } else { row / 7 % 10 }) as f32)
}

fn csv(samples: &Array2<f32>) -> String {
    samples.rows().into_iter().map(|row| format!("{},{}\n", row[0], row[1])).collect()
}

#[test]
fn a_batch_of_fifty_thousand_rows_is_answered_in_order_in_every_format() {
    let samples = samples(50_000);
    let lines: String = samples
        .rows()
        .into_iter()
        .map(|row| format!("{{\"features\": [{}, {}]}}\n", row[0], row[1]))
        .collect();
    let json = format!("{{\"instances\": [{}]}}", lines.trim().replace('\n', ","));
    let endpoints = Endpoints::new([Endpoint::new(ENDPOINT, maximum_of(3)).unwrap()]);
    for (content_type, body) in
        [("text/csv", &csv(&samples)), ("application/jsonlines", &lines), ("application/json", &json)]
    {
        for accept in ACCEPTS {
            let headers = [("content-type", content_type), ("accept", accept)];
            let answer = ask(endpoints.clone(), "POST", "/invocations", &headers, body.as_str());
            assert_eq!(answer.status, 200, "{content_type} {accept}");
            let Accept { format, verbose } = Accept::parse(accept).unwrap();
            let expected = Predictions::new(&maximum_of(3), samples.view(), verbose).unwrap().encode(format);
            assert!(answer.bytes == expected, "{content_type} {accept}: another answer than expected");
        }
    }
}

#[test]
fn few_rows_state_their_length_and_many_come_as_they_are_made() {
    for (rows, is_whole) in [(1, true), (1000, true), (4095, true), (4096, false), (20_000, false)] {
        run(async {
            let headers = [("content-type", "text/csv")];
            let request = request("POST", "/invocations", &headers, csv(&samples(rows)));
            let mut response = http::router(endpoints()).oneshot(request).await.unwrap();
            let exact = axum::body::HttpBody::size_hint(response.body()).exact();
            assert_eq!(exact.is_some(), is_whole, "{rows} rows");
            let mut n_pieces = 0;
            while let Some(piece) = response.body_mut().frame().await {
                let length = piece.unwrap().into_data().unwrap().len();
                assert!((1..1 << 20).contains(&length), "a piece of {length} bytes");
                n_pieces += 1;
            }
            assert_eq!(n_pieces, if is_whole { 1 } else { rows.div_ceil(8192) }, "{rows} rows");
        });
    }
}

#[test]
fn invalid_rows_are_rejected_at_any_position() {
    for (last, reason) in
        [("1,inf", "feature 1 of row 30000 is inf"), ("1", "row 30000 has 1 features"), ("x,1", "row 30000")]
    {
        let body = csv(&samples(30_000)) + last;
        let answer = ask(endpoints(), "POST", "/invocations", &[("content-type", "text/csv")], body);
        assert_eq!(answer.status, 400);
        assert!(answer.body.contains(reason), "{}", answer.body);
    }
}

#[test]
fn disconnecting_stops_a_streamed_response() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let router = http::router(endpoints());
        for _ in 0..20 {
            let headers = [("content-type", "text/csv")];
            let request = request("POST", "/invocations", &headers, csv(&samples(50_000)));
            let mut response = router.clone().oneshot(request).await.unwrap();
            response.body_mut().frame().await.unwrap().unwrap();
        }
        // Responses that are not read hold no worker.
        let headers = [("content-type", "text/csv")];
        let last = router.oneshot(request("POST", "/invocations", &headers, csv(&samples(10_000))));
        let last = tokio::time::timeout(Duration::from_secs(20), last).await.unwrap().unwrap();
        assert!(last.into_body().collect().await.unwrap().to_bytes().ends_with(b"}]}"));
    });
}

#[test]
fn disconnecting_cancels_predictions() {
    const DIM: usize = 64;
    let features =
        Array2::from_shape_fn((200_000, DIM), |(row, column)| ((row * 31 + column * 7) % 13) as f32);
    let labels = Array1::zeros(features.nrows());
    let dataset = Dataset::new(features.view(), labels.view()).unwrap();
    let model = Model::train(dataset, &Hyperparameters::classifier(3).check().unwrap()).unwrap();
    let router = http::router(Endpoints::new([Endpoint::new(ENDPOINT, model).unwrap()]));
    // A second of one core or more for a hundred rows, minutes for eight thousand.
    let batch = |rows: usize| {
        let row =
            |row: usize| (0..DIM).map(|i| ((row >> (i % 16)) % 10).to_string()).collect::<Vec<_>>().join(",");
        let body = (0..rows).map(row).collect::<Vec<_>>().join("\n");
        router.clone().oneshot(request("POST", "/invocations", &[("content-type", "text/csv")], body))
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        // One for each worker and one that waits.
        let n_clients = 1 + std::thread::available_parallelism().unwrap().get();
        let clients: Vec<_> = (0..n_clients).map(|_| tokio::spawn(batch(8_000))).collect();
        tokio::time::sleep(Duration::from_millis(500)).await;
        for client in clients {
            assert!(!client.is_finished(), "the batch is too small for this machine");
            client.abort();
        }
        let other = tokio::time::timeout(Duration::from_secs(20), batch(200)).await;
        assert_eq!(other.expect("abandoned work keeps a worker").unwrap().status(), 200);
    });
}

#[test]
fn slow_readers_do_not_block_other_requests() {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(2).build().unwrap();
    runtime.block_on(async {
        let router = http::router(endpoints());
        let headers = [("content-type", "text/csv")];
        let length = r#"{"predictions": ["#.len() + 20_000 * r#"{"predicted_label": 4.0}, "#.len()
            - ", ".len()
            + "]}".len();
        let mut unread = Vec::new();
        for _ in 0..50 {
            let request = request("POST", "/invocations", &headers, csv(&samples(20_000)));
            unread.push(router.clone().oneshot(request).await.unwrap());
        }
        for response in unread {
            assert_eq!(response.into_body().collect().await.unwrap().to_bytes().len(), length);
        }
    });
}

#[test]
fn bodies_in_several_frames_are_read() {
    let pieces = |pieces: Vec<&'static str>| {
        let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
        for piece in pieces {
            sender.send(piece).unwrap();
        }
        Body::new(Pieces(receiver))
    };
    for (body, expected) in [
        (
            vec!["1,2\n", "3", ",4"],
            r#"{"predictions": [{"predicted_label": 2.0}, {"predicted_label": 4.0}]}"#,
        ),
        (vec!["", "1,", "", "2", ""], r#"{"predictions": [{"predicted_label": 2.0}]}"#),
        (vec!["1,2"], r#"{"predictions": [{"predicted_label": 2.0}]}"#),
        (vec![], ""),
    ] {
        let request =
            Request::post("/invocations").header("content-type", "text/csv").body(pieces(body)).unwrap();
        assert_eq!(crate::support::ask_with(endpoints(), request).body, expected);
    }
}

/// A body whose pieces are what was sent into a channel.
struct Pieces(tokio::sync::mpsc::UnboundedReceiver<&'static str>);

impl axum::body::HttpBody for Pieces {
    type Data = axum::body::Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<axum::body::Bytes>, std::io::Error>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| Ok(http_body::Frame::data(piece.into()))))
    }
}

#[test]
fn clients_that_send_too_much_get_a_response() {
    let local = LocalEndpoint::start(ENDPOINT, maximum()).unwrap();
    let body = vec![b'\n'; 4 * MAX_BODY_BYTES];
    for (path, status) in [
        ("/invocations", "413 "),
        (&format!("/endpoints/{ENDPOINT}/invocations"), "400 "),
        ("/endpoints/x/y", "404 "),
    ] {
        let head = format!("POST {path} HTTP/1.1\r\ncontent-type: text/csv");
        let answer = ask_over_socket(local.address(), &head, &body).unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
    }
}

#[test]
fn endless_requests_are_aborted() {
    let local = LocalEndpoint::start(ENDPOINT, maximum()).unwrap();
    let head = "POST /invocations HTTP/1.1\r\ncontent-type: text/csv";
    // Either the refusal comes through before the connection ends, or the connection ends.
    match ask_over_socket(local.address(), head, &vec![b'\n'; 100 << 20]) {
        Ok(answer) => assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413 "), "{answer}"),
        Err(error) => assert!(
            matches!(error.kind(), std::io::ErrorKind::ConnectionReset | std::io::ErrorKind::BrokenPipe),
            "{error}"
        ),
    }
    let head = "POST /invocations HTTP/1.1\r\ncontent-type: text/csv";
    assert!(ask_over_socket(local.address(), head, b"1,2").unwrap().contains("200 OK"));
}
