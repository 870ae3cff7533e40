//! Who gives way when all connections are taken.

use super::*;

#[tokio::test]
async fn half_a_body_gives_way_to_a_newcomer_and_learns_why() {
    let App { router, _folder } = app(routes());
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
