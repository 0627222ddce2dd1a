//! What a message's digest costs, which is worked out for every APPEND.
//!
//! Run with `cargo bench -p tandem-server --bench digest`. Ordinary messages, and some that are made to cost more than they have octets; those in two sizes,
//! as the time must grow with the size and no faster.

#![allow(missing_docs, reason = "a benchmark is no library")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use tandem_server::{render, sample};

/// A message of 4 KiB as they come: a header of 1 KiB, two alternatives.
fn ordinary() -> String {
    let received = "Received: from mx.example.org (mx.example.org [192.0.2.7])\r\n\tby imap.example.net with ESMTPS id 4bXy7z1Qq\r\n\
        \tfor <joe@example.net>; Mon, 7 Jul 2025 09:00:01 +0000\r\n";
    let head = "From: \"Mary Major\" <mary@example.org>\r\nTo: Joe Minor <joe@example.net>, sales@example.net\r\n\
        Cc: Archive <archive@example.net>\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= and figures\r\nDate: Mon, 7 Jul 2025 09:00:00 +0000\r\n\
        Message-ID: <20250707.1@example.org>\r\nIn-Reply-To: <20250706.9@example.net>\r\nReferences: <20250706.9@example.net>\r\n\
        MIME-Version: 1.0\r\nUser-Agent: Example/1.0\r\nContent-Type: multipart/alternative; boundary=\"=_next\"\r\n\r\n";
    let line = "All figures are as they were expected to be, which is as good as it gets.\r\n";
    let part = |kind: &str, lines: usize| {
        format!(
            "--=_next\r\nContent-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{}\r\n",
            line.repeat(lines)
        )
    };
    format!(
        "{}{head}{}{}--=_next--\r\n",
        received.repeat(3),
        part("plain", 17),
        part("html", 22)
    )
}

/// Messages of about so many octets.
fn hostile(octets: usize) -> Vec<(&'static str, String)> {
    let fill = |piece: &str| piece.repeat(octets / piece.len());
    let boundary = |last: &str| format!("{}{last}", "b".repeat(250));
    let alike: String = (b'A'..=b'^')
        .map(|last| boundary(&char::from(last).to_string()))
        .map(|own| format!("Content-Type: multipart/x; boundary=\"{own}\"\r\n\r\n--{own}\r\n"))
        .collect();
    vec![
        (
            "boundaries alike",
            format!("{alike}\r\n{}", fill(&format!("--{}\r\n", boundary("x")))),
        ),
        (
            "one text",
            format!(
                "Subject: x\r\n\r\n{}",
                fill("A line of text of the usual length, more or less.\r\n")
            ),
        ),
        (
            "nested messages",
            fill("Content-Type: message/rfc822\r\n\r\n"),
        ),
        (
            "nested messages about a text",
            "Content-Type: message/rfc822\r\n\r\n".repeat(31) + "\r\n" + &fill("x\n"),
        ),
        (
            "parts without end",
            format!(
                "Content-Type: multipart/mixed; boundary=b\r\n\r\n{}",
                fill("--b\r\n\r\n\r\n")
            ),
        ),
        ("fields without end", fill("A:\r\n")),
        (
            "addresses without end",
            format!("From: {}\r\n\r\n", fill(":;")),
        ),
        ("one subject", format!("Subject: {}\r\n\r\n", fill("\""))),
    ]
}

fn digests(criterion: &mut Criterion) {
    let message = ordinary();
    assert!((3_900..4_300).contains(&message.len()), "{}", message.len());
    criterion.bench_function("a message of 4 KiB", |bencher| {
        bencher.iter(|| render::digest(black_box(message.as_bytes())));
    });
    let samples = sample::messages();
    let nested = samples.get(2).map_or(&[][..], |sample| &sample.bytes);
    criterion.bench_function(
        &format!("a message in a message, {} octets", nested.len()),
        |bencher| {
            bencher.iter(|| render::digest(black_box(nested)));
        },
    );
    let mut group = criterion.benchmark_group("hostile");
    group.sample_size(10);
    for octets in [1 << 20, 8 << 20] {
        group.throughput(Throughput::Bytes(octets));
        for (name, message) in hostile(usize::try_from(octets).unwrap_or_default()) {
            group.bench_function(
                BenchmarkId::new(name, format!("{} MiB", octets >> 20)),
                |bencher| {
                    bencher.iter(|| render::digest(black_box(message.as_bytes())));
                },
            );
        }
    }
    group.finish();
}

criterion_group!(benches, digests);
criterion_main!(benches);
