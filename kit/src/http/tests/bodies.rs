//! Bodies that are too large, or come too slowly.

use futures_util::StreamExt;
use testkit::Counters;

use super::*;

#[tokio::test]
async fn a_body_over_256_kib_is_a_413_whether_it_says_so_or_not() {
    let app = app(routes());
    let body = format!("{{\"a\":\"{}\"}}", "b".repeat(256 * 1024));
    let chunked = Body::from_stream(futures_util::stream::iter([Ok::<_, std::io::Error>(body.clone())]));
    let post = |body| request("POST", "/body").header("content-type", "application/json").body(body).unwrap();
    let form = |length| {
        let fields = futures_util::stream::iter([Ok::<_, std::io::Error>("a=".to_owned() + &"b".repeat(length))]);
        let form = request("POST", "/form").header("content-type", "application/x-www-form-urlencoded");
        form.body(Body::from_stream(fields)).unwrap()
    };

    let (declared, _, answer) = problem(app.ask(post(Body::from(body))).await).await;
    let (undeclared, ..) = problem(app.ask(post(chunked)).await).await;
    let (large_form, ..) = problem(app.ask(form(256 * 1024)).await).await;
    let fitting = app.ask(post(Body::from("{}"))).await;
    let fitting_form = app.ask(form(1024)).await;

    assert_eq!((declared, &answer["code"]), (StatusCode::PAYLOAD_TOO_LARGE, &"PAYLOAD_TOO_LARGE".into()));
    assert_eq!([undeclared, large_form], [StatusCode::PAYLOAD_TOO_LARGE; 2]);
    assert_eq!([fitting.status(), fitting_form.status()], [StatusCode::OK; 2]);
}

#[tokio::test]
async fn a_client_that_sends_too_much_lives_to_see_the_answer() {
    let App { router, _folder, .. } = app(routes());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let server = serve(listener, router, limits(), stop.clone());
    let client = async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let body = vec![b'a'; 2 * 1024 * 1024];
        let head =
            format!("POST /body HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&body).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        stop.cancel();
        answer
    };

    let ((), answer) = tokio::join!(server, client);

    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[tokio::test]
async fn a_body_that_announces_too_much_is_a_413_before_any_of_it_comes() {
    let answer = served(async |mut stream| {
        let head = "POST /body HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000000\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    })
    .await;

    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("connection: close"), "{answer}");
}

#[tokio::test]
async fn a_head_that_is_too_large_or_has_too_many_headers_is_a_431_and_the_last_one() {
    let counters = Counters::start();
    let large = format!("x-large: {}\r\n", "a".repeat(200 * 1024));
    let many: String = (0..101).map(|number| format!("x-{number}: a\r\n")).collect();
    for headers in [large, many] {
        let answer = served(async |mut stream| {
            let head = format!("GET /cached HTTP/1.1\r\nhost: x\r\n{headers}\r\n");
            stream.write_all(head.as_bytes()).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            answer
        })
        .await;

        assert!(answer.starts_with("HTTP/1.1 431") && answer.contains("connection: close"), "{answer}");
    }
    assert_eq!(counters.sum("http_requests_total", &[("status", "431")]), 2);
}

#[tokio::test]
async fn a_head_that_is_none_is_a_400_and_counts() {
    let counters = Counters::start();
    let answer = served(async |mut stream| {
        stream.write_all(b"GET /cached HTTP/1.1\r\nhost x\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    })
    .await;

    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert_eq!(counters.sum("http_requests_total", &[("status", "400")]), 1);
}

#[tokio::test]
async fn a_client_that_goes_on_sending_what_nobody_reads_is_let_go_when_its_place_is_needed() {
    let App { router, _folder, .. } = app(routes());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let server = serve(listener, router, limits(), stop.clone());
    let clients = async {
        let mut senders = Vec::new();
        for _ in 0..2 {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(b"POST /body HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000000\r\n\r\n").await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            senders.push(stream);
        }
        let mut newcomer = TcpStream::connect(address).await.unwrap();
        newcomer.write_all(b"GET /cached HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        newcomer.read_to_string(&mut answer).await.unwrap();
        stop.cancel();
        answer
    };

    let ((), answer) = tokio::join!(server, clients);

    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_body_that_comes_too_slowly_is_a_408() {
    let app = app_with_request_timeout(routes(), Duration::from_millis(10));
    let never = futures_util::stream::iter([Ok::<_, std::io::Error>("{")]).chain(futures_util::stream::pending());
    let slow = request("POST", "/body").header("content-type", "application/json").body(Body::from_stream(never));

    let (status, _, body) = problem(app.ask(slow.unwrap()).await).await;

    assert_eq!((status, &body["code"]), (StatusCode::REQUEST_TIMEOUT, &"REQUEST_TIMEOUT".into()));
}

#[tokio::test]
async fn a_slow_client_learns_that_its_connection_ends_and_one_that_is_waited_for_in_vain_does_not_pay() {
    let App { router, _folder, .. } = app_with_request_timeout(routes(), Duration::from_millis(50));
    let (slow, patient) = served_by(router, async |address| {
        let mut slow = TcpStream::connect(address).await.unwrap();
        slow.write_all(b"POST /body HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{").await.unwrap();
        let mut patient = TcpStream::connect(address).await.unwrap();
        patient.write_all(b"GET /forever HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
        let mut answers = (String::new(), String::new());
        slow.read_to_string(&mut answers.0).await.unwrap();
        patient.read_to_string(&mut answers.1).await.unwrap();
        answers
    })
    .await;

    assert!(slow.starts_with("HTTP/1.1 408") && slow.contains("connection: close"), "{slow}");
    assert!(patient.starts_with("HTTP/1.1 503"), "{patient}");
}

/// What `client` makes of a server of [`routes`].
async fn served<T>(client: impl AsyncFnOnce(TcpStream) -> T) -> T {
    let App { router, _folder, .. } = app(routes());
    served_by(router, async |address| client(TcpStream::connect(address).await.unwrap()).await).await
}

async fn served_by<T>(router: Router, client: impl AsyncFnOnce(SocketAddr) -> T) -> T {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let server = serve(listener, router, limits(), stop.clone());
    let client = async {
        let made = client(address).await;
        stop.cancel();
        made
    };
    let ((), made) = tokio::join!(server, client);
    made
}
