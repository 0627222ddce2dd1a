//! The servers that are measured.
//!
//! Touches a runtime, a listening socket, and a directory.

use crate::{
    accounts::Accounts,
    config::{Config, User},
    storage::{self, journal::Counts},
};
use std::{io, net::SocketAddr, path::Path, sync::Arc};
use tokio::{net::TcpListener, runtime::Runtime, sync::oneshot, task::JoinHandle};

/// Where to find a server, and as whom.
pub(super) struct Subject {
    pub(super) address: SocketAddr,
    pub(super) user: User,
    /// How much it has made durable, if that can be seen.
    pub(super) counts: Option<Arc<Accounts>>,
}

impl Subject {
    /// How much it has committed so far.
    pub(super) fn counts(&self) -> Option<Counts> {
        self.counts.as_ref().map(|accounts| accounts.counts())
    }
}

/// A server in this process; it ends with the value.
pub(super) struct Running {
    runtime: Runtime,
    accounts: Arc<Accounts>,
    address: SocketAddr,
    is_durable: bool,
    end: Option<oneshot::Sender<()>>,
    served: Option<JoinHandle<io::Result<()>>>,
}

/// Who uses it.
pub(super) fn user() -> User {
    User {
        name: "bench".into(),
        password: "bench".into(),
    }
}

/// The settings of a server on this directory, or in memory.
pub(super) fn config(directory: Option<&Path>) -> Config {
    Config {
        data: directory.map(Into::into),
        users: vec![user()],
        demo: false,
        ..Config::default()
    }
}

impl Running {
    /// Starts one on this directory, or in memory.
    pub(super) fn start(directory: Option<&Path>) -> io::Result<Self> {
        let mut config = config(directory);
        config.limits.connections_per_user = usize::MAX;
        let runtime = Runtime::new()?;
        let storage = storage::open(&config).map_err(io::Error::other)?;
        let accounts = Accounts::open(config, storage).map_err(io::Error::other)?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let address = listener.local_addr()?;
        let (end, ended) = oneshot::channel();
        let serving = crate::serve(listener, Arc::clone(&accounts), async {
            let _ = ended.await;
        });
        let served = runtime.spawn(serving);
        Ok(Self {
            runtime,
            accounts,
            address,
            is_durable: directory.is_some(),
            end: Some(end),
            served: Some(served),
        })
    }

    /// Where to find it.
    pub(super) fn subject(&self) -> Subject {
        Subject {
            address: self.address,
            user: user(),
            counts: self.is_durable.then(|| Arc::clone(&self.accounts)),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end.take();
        if let Some(served) = self.served.take() {
            let _ = self.runtime.block_on(served);
        }
    }
}
