//! What stands before Postgres and ignores the settings of a connection, as PgBouncer can be told to.

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Starts before `target` and takes one connection; answers its own port, and what passes that connection on.
pub(crate) async fn start(target: u16) -> (u16, JoinSet<()>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut passing = JoinSet::new();
    passing.spawn(async move {
        let (mut client, _) = listener.accept().await.unwrap();
        let mut server = TcpStream::connect(("127.0.0.1", target)).await.unwrap();
        let first = without_options(&mut client).await;
        server.write_all(&first).await.unwrap();
        // The client may hang up as it likes.
        let _ = copy_bidirectional(&mut client, &mut server).await;
    });
    (port, passing)
}

/// The first message (<https://www.postgresql.org/docs/current/protocol-message-formats.html>, StartupMessage): its length
/// and the version in four bytes each, then names and values that each end with a zero, and another zero.
async fn without_options(client: &mut TcpStream) -> Vec<u8> {
    let length = client.read_u32().await.unwrap();
    let mut message = vec![0; length as usize - 4];
    client.read_exact(&mut message).await.unwrap();
    let (version, pairs) = message.split_at(4);
    let words: Vec<&[u8]> = pairs.split(|byte| *byte == 0).collect();
    let mut kept = version.to_vec();
    for pair in words.chunks_exact(2).filter(|pair| !pair[0].is_empty() && pair[0] != b"options") {
        for word in pair {
            kept.extend_from_slice(word);
            kept.push(0);
        }
    }
    kept.push(0);
    let length = u32::try_from(kept.len()).unwrap() + 4;
    [&length.to_be_bytes()[..], &kept].concat()
}
