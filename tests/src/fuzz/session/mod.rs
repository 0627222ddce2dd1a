//! Bytes to the server, and what it answers.
//!
//! Touches a runtime of its own, no sockets and no disk. The connection driver, the fragmenter, the parser, the session, the encoder are the server's own, over
//! a connection in memory ([`pipe`]); two clients ([`client`]) send what any bytes make of them ([`script`]), and judge what comes.
//!
//! What the server keeps is looked at whenever it waits for a client: [`KEPT`] bounds it, whatever was sent, with what is stored ([`stored`]).

mod answers;
mod client;
mod deep;
mod pipe;
mod script;
mod stored;

use super::memory::in_use;
use client::Client;
use script::Script;
use std::{cell::RefCell, sync::Arc};
use tandem_model::Fault;
use tandem_server::{
    Config, accounts::Accounts, config::Limits, connection, storage::memory::Memory,
};
use tokio::{
    runtime::{Builder, Runtime},
    sync::watch,
};

/// So many octets the server may keep beside what is stored, however much it was sent: the limits of two connections, an account with no messages, and what
/// others have in hand for a moment: most likely the thread that commits and takes snapshots, but who it is has not been measured. Three at a time on two cores,
/// 36 runs kept 82,221 at most.
pub const KEPT: usize = 128 << 10;

thread_local! {
    static RUNTIME: RefCell<Option<Runtime>> = const { RefCell::new(None) };
}

/// Judges the server on what two clients send.
pub fn session(data: &[u8]) {
    play_bytes(data, None, Kept::NOT_ASKED);
}

/// The same with a fault in the model, which has to be found.
pub fn session_with(data: &[u8], fault: Option<Fault>) {
    play_bytes(data, fault, Kept::NOT_ASKED);
}

/// The same, and judges what the server keeps: alone in a process of which [`in_use`] knows how much memory it uses.
pub fn session_alone(data: &[u8]) {
    play_bytes(
        data,
        None,
        Kept {
            now: in_use,
            leaks: false,
        },
    );
}

/// The same, of a server that keeps everything that it is sent: that has to be found.
pub fn session_leaking(data: &[u8]) {
    play_bytes(
        data,
        None,
        Kept {
            now: in_use,
            leaks: true,
        },
    );
}

/// How what the server keeps is judged.
#[derive(Clone, Copy, Debug)]
struct Kept {
    /// How much memory is in use.
    now: fn() -> usize,
    /// Whatever is sent is kept.
    leaks: bool,
}

impl Kept {
    const NOT_ASKED: Self = Self {
        now: || 0,
        leaks: false,
    };
}

fn play_bytes(data: &[u8], fault: Option<Fault>, kept: Kept) {
    let Some(mut script) = Script::of_bytes(data) else {
        return;
    };
    script.practice.fault = fault;
    RUNTIME.with_borrow_mut(|runtime| {
        let runtime = runtime.get_or_insert_with(|| {
            let runtime = Builder::new_current_thread().enable_time().build();
            runtime.expect("a runtime needs nothing")
        });
        runtime.block_on(play(&script, kept));
    });
}

/// Limits so small that inputs meet them.
fn limits() -> Limits {
    Limits {
        line: 400,
        literal: 64,
        literals: 128,
        literal_count: 6,
        message: 600,
        line_before_login: 120,
        literals_before_login: 64,
        read_buffer: 50,
        write_buffer: 80,
        login_attempts: 2,
        bad_commands: 12,
        page: 2,
        ghosts: 4,
        mailboxes: 4,
        snapshot_after: 16,
        ..Limits::default()
    }
}

async fn play(script: &Script<'_>, kept: Kept) {
    let before = (kept.now)();
    let config = Config {
        demo: false,
        practice: script.practice,
        limits: limits(),
        ..Config::default()
    };
    let storage = Arc::new(Memory::new());
    let accounts = Accounts::open(config, storage.clone());
    let accounts = accounts.expect("memory can be read");
    let (closing, closed) = watch::channel(false);
    let (mut clients, mut tasks) = (Vec::new(), Vec::new());
    for number in 0..2 {
        let (near, far) = pipe::connection(script.step);
        let (accounts, closed) = (Arc::clone(&accounts), closed.clone());
        tasks.push(tokio::spawn(async move {
            connection::serve(far, &accounts, closed).await;
        }));
        let mut client = Client::connect(near, limits(), script.pipelines).await;
        if number > 0 || !script.is_stranger {
            client.say(b"l LOGIN demo demo\r\n").await;
        }
        clients.push(client);
    }
    let who = (0..clients.len()).cycle();
    let mut leaked = Vec::new();
    for (who, piece) in who.zip(&script.pieces) {
        if let Some(client) = clients.get_mut(who) {
            client.say(piece).await;
        }
        if kept.leaks {
            leaked.push(piece.to_vec());
        }
        let now = (kept.now)().saturating_sub(before);
        let own: usize = clients.iter().map(Client::keeps).sum();
        let stored = stored::octets(&*storage);
        let most = KEPT + stored + own;
        assert!(now <= most, "{now} octets are kept, of {most}");
    }
    for client in clients {
        client.close().await;
    }
    for task in tasks {
        task.await.expect("a connection does not fail");
    }
    drop(closing);
    accounts.close().await;
}
