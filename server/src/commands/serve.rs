//! `tandem serve`: settings, a listening socket, signals; the rest is [`crate::run`].
//!
//! Touches the environment, the configuration file, standard output, signals, the limit of file descriptors.

use super::USAGE;
use crate::{
    accounts::Accounts,
    config::{Config, ConfigError, DATA, Source, limit_table},
    storage::{self, Owner},
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::{
    fmt::Write as _,
    io::{self, Write as _},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tracing::{info, warn};

/// What `tandem serve --help` begins with.
pub const ABOUT: &str = "\
Serve IMAP.

Without any option: on 127.0.0.1:1143, for the user `demo` with password `demo`, whose INBOX has a few sample messages. \
Mailboxes are kept in the directory ./tandem-data, which is made if it is not there; with --memory they are kept in memory, and gone \
when the server ends. Ctrl-C or SIGTERM ends it, with BYE to everybody.

What a client was told of its mailboxes has been written to the disk before it was told. One server at a time uses a directory. \
`tandem user` lets people in whose passwords are kept there, hashed; `--user` lets people in with passwords that \
everybody sees who can list processes, and goes before what is kept. The user `demo` of the defaults is let in only while nobody has a password that is kept, and no \
--user is given.

--record writes down what every session of every user does and is told, and in which order, for `tandem replay` to make it again. Names of mailboxes, flags and \
what is searched for are in it; passwords and what is in messages are not. If it cannot be written, that is logged, and the server goes on without it.";

/// Arguments of `tandem serve`.
#[derive(clap::Args, Debug)]
pub struct ServeArgs {
    /// Address and port to listen on; port 0 takes a free one [default: 127.0.0.1:1143]
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// The directory in which mailboxes are kept [default: ./tandem-data]
    #[arg(long, value_name = "DIR", conflicts_with = "memory")]
    data: Option<PathBuf>,
    /// Keep mailboxes in memory: they are gone when the server ends
    #[arg(long)]
    memory: bool,
    /// Somebody who can log in; repeat for more [default: demo:demo]
    #[arg(long, value_name = "NAME:PASSWORD")]
    user: Vec<String>,
    /// Which of RFC 2180's alternatives to follow; `tandem practices` lists them
    #[arg(long, value_name = "KEY=VALUE,...")]
    practice: Vec<String>,
    /// What clients can make the server keep or do, at most; --help lists the limits
    #[arg(long, value_name = "KEY=VALUE,...")]
    limit: Vec<String>,
    /// Record every step of every session in this file, which must not be there yet, for `tandem replay`
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Settings in TOML, with the same names as the flags
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// What `tandem serve --help` ends with: the other sources, and the limits.
#[must_use]
pub fn notes() -> String {
    format!(
        "Settings are looked for in this order: flags, the environment variables TANDEM_LISTEN, TANDEM_DATA, \
         TANDEM_MEMORY (true or false), TANDEM_USER (NAME:PASSWORD,...), TANDEM_PRACTICE, TANDEM_LIMIT and TANDEM_CONFIG, the file. The file looks like this:\n\n\
         \x20   listen = \"127.0.0.1:1143\"\n\
         \x20   data = \"/var/lib/tandem\"\n\
         \x20   user = [\"alice:secret\", \"bob:secret\"]\n\n\
         \x20   [practice]\n\
         \x20   deletion = \"disconnect\"\n\n\
         \x20   [limit]\n\
         \x20   connections = 100\n\n\
         RUST_LOG=info or RUST_LOG=tandem_server=debug logs to standard error.\n\n\
         Limits, with their defaults:\n\n{}",
        limit_table()
    )
}

/// Serves until Ctrl-C or SIGTERM.
#[must_use]
pub fn run(args: ServeArgs) -> ExitCode {
    let config = match settings(args) {
        Ok(config) => config,
        Err(error) => {
            eprintln!("tandem: {error}");
            return ExitCode::from(USAGE);
        }
    };
    make_room(config.limits.connections);
    let served = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .and_then(|runtime| runtime.block_on(serve(config)));
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tandem: {error}");
            ExitCode::FAILURE
        }
    }
}

/// How many files are open that are no connections: storage and its readers, standard streams, the runtime's.
const OTHER_FILES: usize = 64;

/// Raises this process's soft limit of file descriptors, if so many connections need it and the hard limit permits it; says what it came to, if it is less.
fn make_room(connections: usize) {
    let needed = u64::try_from(connections.saturating_add(OTHER_FILES)).unwrap_or(u64::MAX);
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|current| current >= needed) {
        return;
    }
    let raised = maximum.map_or(needed, |maximum| maximum.min(needed));
    let limit = Rlimit {
        current: Some(raised),
        maximum,
    };
    let got = match setrlimit(Resource::Nofile, limit) {
        Ok(()) => raised,
        Err(_) => current.unwrap_or(raised),
    };
    if got < needed {
        warn!(
            needed,
            got, "the limit of file descriptors is lower than that of connections asks for"
        );
    }
}

/// The settings of flags, environment and file together.
fn settings(args: ServeArgs) -> Result<Config, ConfigError> {
    let record = args.record;
    let path = args.config.or_else(|| {
        std::env::var_os("TANDEM_CONFIG")
            .filter(|path| !path.is_empty())
            .map(PathBuf::from)
    });
    let file = match path {
        Some(path) => {
            let name = path.display().to_string();
            let text = std::fs::read_to_string(&path).map_err(|error| {
                ConfigError(format!("cannot read the configuration `{name}`: {error}"))
            })?;
            Source::from_file(&name, &text)?
        }
        None => Source::default(),
    };
    let variables = std::env::vars_os().filter_map(|(name, value)| {
        Some((
            name.into_string().ok()?,
            value.to_string_lossy().into_owned(),
        ))
    });
    let environment = Source::from_environment(variables)?;
    let flags = Source {
        data: args.data,
        memory: args.memory.then_some(true),
        ..Source::from_flags(args.listen, &args.user, &args.practice, &args.limit)?
    };
    let default = Source {
        data: Some(DATA.into()),
        ..Source::default()
    };
    let config = Config::from_sources([default, file, environment, flags])?;
    Ok(Config { record, ..config })
}

async fn serve(mut config: Config) -> io::Result<()> {
    // Before the ready line: whoever has read it may end the server.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let listener = TcpListener::bind(&config.listen).await.map_err(|error| {
        io::Error::new(
            error.kind(),
            format!("cannot listen on `{}`: {error}", config.listen),
        )
    })?;
    let storage = storage::open(&config).map_err(io::Error::other)?;
    let owners = storage.owners().map_err(io::Error::other)?;
    config.heed(&owners);
    let accounts = Accounts::open(config, storage).map_err(io::Error::other)?;
    announce(accounts.config(), &owners, listener.local_addr()?)?;
    let shutdown = async move {
        tokio::select! {
            _ = interrupt.recv() => info!("interrupted"),
            _ = terminate.recv() => info!("terminated"),
        }
    };
    crate::serve(listener, accounts, shutdown).await
}

/// How many of those whose passwords are kept are named at the start.
const NAMED: usize = 10;

/// Until when the demo user is let in.
const fn until(config: &Config) -> &'static str {
    match config.data {
        Some(_) => ", until `tandem user add` has let somebody in",
        None => "",
    }
}

/// The ready line, then how to log in.
fn announce(config: &Config, owners: &[Owner], address: SocketAddr) -> io::Result<()> {
    let mut text = format!("tandem: imap listening on {address}\n");
    let _ = match &config.data {
        Some(directory) => writeln!(
            text,
            "tandem: mailboxes are kept in {}",
            directory.display()
        ),
        None => writeln!(
            text,
            "tandem: mailboxes are in memory, and gone when this ends"
        ),
    };
    for user in &config.users {
        // The demo password is no secret; a configured one is, and its user knows it.
        let _ = if config.demo {
            writeln!(
                text,
                "tandem: log in as {} with password {}{}",
                user.name,
                user.password,
                until(config)
            )
        } else {
            writeln!(text, "tandem: log in as {}", user.name)
        };
    }
    let kept = owners.iter().filter(|owner| owner.password.is_some());
    let configured = |name: &str| config.users.iter().any(|user| user.name == name);
    let kept: Vec<&Owner> = kept.filter(|owner| !configured(&owner.name)).collect();
    for owner in kept.iter().take(NAMED) {
        let _ = writeln!(text, "tandem: log in as {}", owner.name);
    }
    if let Some(more) = kept.len().checked_sub(NAMED).filter(|&more| more > 0) {
        let _ = writeln!(text, "tandem: or as one of {more} others");
    }
    if kept.is_empty() && config.users.is_empty() {
        text.push_str("tandem: nobody can log in: `tandem user` lets people in\n");
    }
    let mut output = io::stdout().lock();
    output.write_all(text.as_bytes())?;
    output.flush()
}
