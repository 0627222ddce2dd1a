//! A server on a free port, ended by its test, and clients of it that wait for lines and never for time.
//!
//! Touches sockets. Nothing is shared with the server's own codec.

use std::{future::Future, net::SocketAddr, time::Duration};
use tandem_server::Config;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::oneshot,
    task::JoinHandle,
    time,
};

/// No answer takes this long: a test that waits longer has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits for what has to happen.
pub async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    time::timeout(PATIENCE, future)
        .await
        .unwrap_or_else(|_| panic!("in vain: {what}"))
}

/// A running server.
pub struct Server {
    pub address: SocketAddr,
    end: oneshot::Sender<()>,
    task: JoinHandle<std::io::Result<()>>,
}

impl Server {
    /// With the demo user, no sample messages, and what `change` makes of it.
    pub async fn start(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config {
            demo: false,
            ..Config::default()
        };
        change(&mut config);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (end, ended) = oneshot::channel();
        let task = tokio::spawn(tandem_server::run(listener, config, async {
            let _ = ended.await;
        }));
        Self { address, end, task }
    }

    /// A client that has read the greeting.
    pub async fn connect(&self) -> Client {
        let mut client = self.connect_silently(TcpSocket::new_v4().unwrap()).await;
        let greeting = client.line().await;
        assert!(greeting.starts_with("* OK "), "{greeting}");
        client
    }

    /// A client that has not.
    pub async fn connect_silently(&self, socket: TcpSocket) -> Client {
        let stream = soon("connection", socket.connect(self.address))
            .await
            .unwrap();
        Client {
            stream: BufReader::new(stream),
            commands: 0,
        }
    }

    /// A client that has logged in.
    pub async fn login(&self) -> Client {
        let mut client = self.connect().await;
        client.ok("LOGIN demo demo").await;
        client
    }

    /// Ends the server as a signal would; returns when it has ended.
    pub async fn close(self) {
        self.end.send(()).unwrap();
        soon("the server's end", self.task).await.unwrap().unwrap();
    }
}

/// One connection.
pub struct Client {
    stream: BufReader<TcpStream>,
    commands: usize,
}

impl Client {
    /// Sends these bytes.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        soon("sending", self.stream.write_all(bytes.as_ref()))
            .await
            .unwrap();
    }

    /// The next line, without its CRLF; none at the end of the connection.
    pub async fn next(&mut self) -> Option<String> {
        let mut line = Vec::new();
        // A connection that is reset has ended as well.
        let _ = soon("a line", self.stream.read_until(b'\n', &mut line)).await;
        let line = String::from_utf8(line).unwrap();
        (!line.is_empty()).then(|| line.trim_end_matches("\r\n").to_owned())
    }

    /// The next line, without its CRLF; there is one.
    pub async fn line(&mut self) -> String {
        self.next()
            .await
            .expect("a line before the end of the connection")
    }

    /// All lines up to the first that begins so, that one too.
    pub async fn lines_to(&mut self, start: &str) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let Some(line) = self.next().await else {
                panic!("the connection ended after {lines:?}");
            };
            let last = line.starts_with(start);
            lines.push(line);
            if last {
                return lines;
            }
        }
    }

    /// All lines until the server closes the connection.
    pub async fn rest(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(line) = self.next().await {
            lines.push(line);
        }
        lines
    }

    /// Sends a command with a tag, and reads all of its answer.
    pub async fn command(&mut self, command: &str) -> Vec<String> {
        self.commands += 1;
        let tag = format!("t{}", self.commands);
        self.send(format!("{tag} {command}\r\n")).await;
        self.lines_to(&format!("{tag} ")).await
    }

    /// A command whose answer ends with this condition; its last line, without the tag.
    pub async fn tagged(&mut self, command: &str, condition: &str) -> String {
        let lines = self.command(command).await;
        let last = lines
            .last()
            .and_then(|line| line.split_once(' '))
            .map(|(_, rest)| rest.to_owned())
            .unwrap();
        assert!(last.starts_with(condition), "{command}: {lines:?}");
        last
    }

    /// A command that is answered OK; the untagged responses.
    pub async fn ok(&mut self, command: &str) -> Vec<String> {
        let mut lines = self.command(command).await;
        let last = lines.pop().unwrap();
        assert!(last.split(' ').nth(1) == Some("OK"), "{command}: {last}");
        lines
    }

    /// Appends a message without waiting for a continuation.
    pub async fn append(&mut self, mailbox: &str, message: &str) {
        self.ok(&format!(
            "APPEND {mailbox} {{{}+}}\r\n{message}",
            message.len()
        ))
        .await;
    }

    /// Reads so many bytes.
    pub async fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        soon("bytes", self.stream.read_exact(&mut bytes))
            .await
            .unwrap();
        bytes
    }
}
