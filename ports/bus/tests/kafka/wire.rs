//! A topic as it travels: its batches, which every client has to unpack with what it was built with.

use std::io::{Read, Write};
use std::net::TcpStream;

use bus::Compression;
use contracts::Event;

use crate::support::{DEADLINE, Noted, Process, eventually, fresh_prefix, kafka, shared};

/// Clients of every language read batches with this codec.
const PLAIN: u8 = 0;

#[tokio::test(flavor = "multi_thread")]
async fn records_are_compressed_only_as_the_operator_asks() {
    let Some(brokers) = shared() else { return };
    let codecs = [
        (Compression::None, PLAIN),
        (Compression::Gzip, 1),
        (Compression::Snappy, 2),
        (Compression::Lz4, 3),
        (Compression::Zstd, 4),
    ];

    for (compression, codec) in codecs {
        let prefix = fresh_prefix();
        let process = Process::start(bus::Kafka { compression, ..kafka(&brokers, &prefix, 1) }, Vec::new()).await;
        // What is longer compressed than plain is sent plain by the client.
        process.note(&"a".repeat(2_000), 1).await;

        let topic = format!("{prefix}{}", Noted::TOPIC);
        eventually(async || first_codec(&brokers, &topic).is_some()).await;
        assert_eq!(first_codec(&brokers, &topic), Some(codec), "{compression:?}");
        process.stop().await;
    }
}

/// The codec of the first batch of `topic`, if there is one, asked for with version 4 of Kafka's `Fetch`.
fn first_codec(brokers: &str, topic: &str) -> Option<u8> {
    const BATCH_LENGTH: usize = 12;
    const ATTRIBUTES: usize = 21;
    let answer = ask(brokers, &fetch(topic)).ok()?;
    // Correlation id, throttle time, one topic with its name, one partition: its id, error, two offsets, no aborted ones.
    let records = 4 + 4 + 4 + 2 + topic.len() + 4 + 4 + 2 + 8 + 8 + 4 + 4;
    let batch = answer.get(records..).filter(|records| records.len() > BATCH_LENGTH)?;
    let attributes = batch.get(ATTRIBUTES..ATTRIBUTES + 2)?;
    Some(attributes[1] & 0b111)
}

fn fetch(topic: &str) -> Vec<u8> {
    let mut request = Vec::new();
    // The key of the request, its version, a correlation id and no name of a client.
    request.extend([0, 1, 0, 4, 0, 0, 0, 7, 0xff, 0xff]);
    request.extend((-1_i32).to_be_bytes());
    for (number, _what) in [(100_i32, "milliseconds"), (1, "bytes at least"), (1 << 20, "bytes at most")] {
        request.extend(number.to_be_bytes());
    }
    request.push(0);
    request.extend(1_i32.to_be_bytes());
    request.extend(u16::try_from(topic.len()).unwrap().to_be_bytes());
    request.extend(topic.as_bytes());
    request.extend(1_i32.to_be_bytes());
    request.extend(0_i32.to_be_bytes());
    request.extend(0_i64.to_be_bytes());
    request.extend((1_i32 << 20).to_be_bytes());
    request
}

fn ask(brokers: &str, request: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut broker = TcpStream::connect(brokers)?;
    broker.set_read_timeout(Some(DEADLINE))?;
    broker.write_all(&u32::try_from(request.len()).unwrap().to_be_bytes())?;
    broker.write_all(request)?;
    let mut length = [0; 4];
    broker.read_exact(&mut length)?;
    let mut answer = vec![0; u32::from_be_bytes(length) as usize];
    broker.read_exact(&mut answer)?;
    Ok(answer)
}
