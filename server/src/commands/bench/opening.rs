//! How long an account with many messages takes to open, and how much room it needs.
//!
//! Touches a directory that it is given.

use super::{
    client::Client,
    report::{Report, Times, short},
    server::{Running, config, user},
    work::fill,
};
use crate::{accounts::Accounts, storage};
use std::{
    fs, io,
    path::Path,
    time::{Duration, Instant},
};
use tokio::runtime::Runtime;

/// Octets of a message: so few that what is kept beside it shows.
const SIZE: usize = 512;
/// How often it is opened.
const TIMES: usize = 5;

/// Fills an account, and opens it again and again.
pub(super) fn measure<const N: usize>(
    directory: &Path,
    messages: u32,
    connections: u32,
    report: &mut Report<N>,
) -> io::Result<()> {
    let start = Instant::now();
    {
        let running = Running::start(Some(directory))?;
        fill(&running.subject(), "INBOX", messages, SIZE, connections)?;
    }
    let filled = start.elapsed();
    let octets: u64 = fs::read_dir(directory)?
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let name = entry.file_name();
            let part = name.to_str()?.starts_with("tandem.db");
            part.then(|| entry.metadata().map(|file| file.len()).ok())?
        })
        .sum();
    report.line(&format!(
        "\n{messages} messages of {SIZE} octets, appended in {}: {:.1} MiB on disk, {:.0} octets a message beside its own",
        short(filled),
        octets as f64 / f64::from(1 << 20),
        octets as f64 / f64::from(messages) - SIZE as f64,
    ));
    let (mut database, mut account, mut selected) =
        (Times::default(), Times::default(), Times::default());
    for _ in 0..TIMES {
        let (opened, entered) = open(directory)?;
        database.add(opened);
        account.add(entered);
        let running = Running::start(Some(directory))?;
        let subject = running.subject();
        let begun = Instant::now();
        let mut client = Client::login(&subject)?;
        client.command("SELECT INBOX")?;
        selected.add(begun.elapsed());
    }
    report.line(&format!(
        "opening, middle of {TIMES}: the database {}, the account {}; from connecting to SELECT answered {}",
        short(database.quantile(50)),
        short(account.quantile(50)),
        short(selected.quantile(50)),
    ));
    Ok(())
}

/// How long the database takes to open, and then the account.
fn open(directory: &Path) -> io::Result<(Duration, Duration)> {
    let runtime = Runtime::new()?;
    runtime.block_on(async {
        let begun = Instant::now();
        let config = config(Some(directory));
        let storage = storage::open(&config).map_err(io::Error::other)?;
        let accounts = Accounts::open(config, storage).map_err(io::Error::other)?;
        let opened = begun.elapsed();
        let begun = Instant::now();
        let seat = accounts.enter(&user().name).await;
        let entered = begun.elapsed();
        if seat.is_err() {
            return Err(io::Error::other("the account does not open"));
        }
        drop(seat);
        accounts.close().await;
        Ok((opened, entered))
    })
}
