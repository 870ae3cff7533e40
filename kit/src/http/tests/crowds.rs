//! Who gives way when all connections are taken.

use super::*;

#[tokio::test]
async fn a_client_has_as_many_connections_as_it_may_and_no_more() {
    let (entered, leave) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let handler = {
        let (entered, leave) = (Arc::clone(&entered), Arc::clone(&leave));
        get(move || async move {
            entered.notify_one();
            leave.notified().await;
        })
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let limits = ConnectionLimits { total: 4.try_into().unwrap(), per_client: 1.try_into().unwrap(), ..limits() };
    let server = serve(listener, Router::new().route("/slow", handler), limits, stop.clone());
    let request = b"GET /slow HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let clients = async {
        let mut first = TcpStream::connect(address).await.unwrap();
        first.write_all(request).await.unwrap();
        entered.notified().await;
        let mut second = TcpStream::connect(address).await.unwrap();
        // It may be closed by now.
        let _written = second.write_all(request).await;
        let mut byte = [0];
        let is_refused = tokio::select! {
            read = second.read(&mut byte) => !matches!(read, Ok(1..)),
            () = entered.notified() => false,
        };
        leave.notify_waiters();
        let mut answer = String::new();
        first.read_to_string(&mut answer).await.unwrap();
        stop.cancel();
        (is_refused, answer)
    };

    let ((), (is_refused, answer)) = tokio::join!(server, clients);

    assert!(is_refused);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn half_a_body_gives_way_to_a_newcomer_and_learns_why() {
    let App { router, _folder, .. } = app(routes());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let server =
        serve(listener, router, ConnectionLimits { per_client: 8.try_into().unwrap(), ..limits() }, stop.clone());
    let clients = async {
        let mut crowd = Vec::new();
        for _ in 0..2 {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream
                .write_all(b"POST /body HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\nexpect: 100-continue\r\n\r\n")
                .await
                .unwrap();
            // The body is read from here on.
            let mut goes_on = [0; 25];
            stream.read_exact(&mut goes_on).await.unwrap();
            crowd.push(stream);
        }
        let mut newcomer = TcpStream::connect(address).await.unwrap();
        newcomer.write_all(b"GET /cached HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
        let (mut answer, mut refusal) = (String::new(), String::new());
        newcomer.read_to_string(&mut answer).await.unwrap();
        crowd[0].read_to_string(&mut refusal).await.unwrap();
        stop.cancel();
        (answer, refusal)
    };

    let ((), (answer, refusal)) = tokio::join!(server, clients);

    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(refusal.starts_with("HTTP/1.1 408"), "{refusal}");
}
