//! Accepts connections, each a task of its own, until it is told to end; then says BYE to everybody.
//!
//! Touches the listening socket and the tasks. RFC 3501 sections 3.4 and 7.1.5.

use crate::{
    accounts::Accounts,
    config::Config,
    connection::{self, own::Cause},
    storage,
};
use std::{io, io::Write as _, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    task::{JoinError, JoinSet},
    time,
};
use tracing::{debug, error, info, warn};

/// How long nothing is accepted after accepting failed, for want of file descriptors say.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// Opens storage, and serves IMAP on a listening socket as [`serve`] does.
///
/// This is the door for tests and embedders. Where to listen is the caller's: [`Config::listen`] is not looked at.
///
/// # Errors
/// Storage cannot be opened, or the listening socket has no address.
pub async fn run(
    listener: TcpListener,
    config: Config,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let storage = storage::open(&config).map_err(io::Error::other)?;
    let accounts = Accounts::open(config, storage).map_err(io::Error::other)?;
    serve(listener, accounts, shutdown).await
}

/// Serves IMAP on a listening socket until `shutdown` resolves, and then until every client has been told and everything is durable.
/// Dropping the future ends all connections at once.
///
/// # Errors
/// The listening socket has no address.
pub async fn serve(
    listener: TcpListener,
    accounts: Arc<Accounts>,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    info!(address = %listener.local_addr()?, "listening");
    let limits = accounts.config().limits;
    let permits = Arc::new(Semaphore::new(
        limits.connections.min(Semaphore::MAX_PERMITS),
    ));
    let (closing, closed) = watch::channel(false);
    let mut tasks = JoinSet::new();
    tokio::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            Some(ended) = tasks.join_next() => {
                note(ended);
                continue;
            }
            accepted = listener.accept() => accepted,
        };
        match (accepted, Arc::clone(&permits).try_acquire_owned()) {
            (Ok((stream, address)), Ok(permit)) => {
                debug!(%address, "connected");
                // Answers are collected in the wire; Nagle's algorithm would only hold them up. Without this they are just slower.
                let _ = stream.set_nodelay(true);
                let (accounts, closed) = (Arc::clone(&accounts), closed.clone());
                tasks.spawn(async move {
                    connection::serve(stream, &accounts, closed).await;
                    debug!(%address, "disconnected");
                    drop(permit);
                });
            }
            (Ok((stream, address)), Err(_)) => {
                warn!(%address, limit = limits.connections, "too many connections");
                refuse(stream, &accounts);
            }
            (Err(error), _) => {
                warn!(%error, "cannot accept");
                time::sleep(ACCEPT_AGAIN).await;
            }
        }
    }
    drop(listener);
    info!(connections = tasks.len(), "closing");
    closing.send_replace(true);
    accounts.answers().close();
    let told = async {
        while let Some(ended) = tasks.join_next().await {
            note(ended);
        }
    };
    if time::timeout(limits.shutdown_timeout, told).await.is_err() {
        warn!(connections = tasks.len(), "not taking their BYE: cut off");
        tasks.shutdown().await;
    }
    accounts.close().await;
    Ok(())
}

/// Says BYE to a connection that is one too many. It has a fresh, empty send buffer, so that this never waits;
/// if it fails all the same, the client sees the connection close.
fn refuse(stream: TcpStream, accounts: &Accounts) {
    let mut bye = Vec::new();
    Cause::OneTooMany.say(&mut bye, false);
    if let Some(greeted) = accounts.greeted() {
        greeted.said(&Cause::OneTooMany, &bye);
    }
    let _ = stream.into_std().and_then(|mut stream| stream.write(&bye));
}

/// A connection's task has ended. A panic in it is a fault of ours; the connection's session was released all the same.
fn note(ended: Result<(), JoinError>) {
    if let Err(failure) = ended
        && failure.is_panic()
    {
        error!(%failure, "a connection failed");
    }
}
