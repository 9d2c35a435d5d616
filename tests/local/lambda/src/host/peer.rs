//! Who is at the other end of a connection on this machine.

use std::fs;
use std::net::{SocketAddr, SocketAddrV4};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::serve::Listener;
use tokio::net::{TcpListener, TcpStream};

use super::sandbox::Sandbox;

/// The kernel's table of connections. A system without one cannot tell, and everybody on it is taken.
const CONNECTIONS: &str = "/proc/net/tcp";

/// How often a connection is looked for: a table that changes while it is read can miss a line.
const LOOKS: usize = 3;

/// A listener that takes the connections of a sandbox's process, and of those that it starts.
#[derive(Debug)]
pub(super) struct OfSandbox {
    listener: TcpListener,
    sandbox: Arc<Sandbox>,
}

impl OfSandbox {
    pub(super) const fn new(listener: TcpListener, sandbox: Arc<Sandbox>) -> Self {
        Self { listener, sandbox }
    }
}

impl Listener for OfSandbox {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            let (stream, peer) = Listener::accept(&mut self.listener).await;
            let (pid, here) = (self.sandbox.pid.load(Ordering::Acquire), self.listener.local_addr());
            let known = tokio::task::spawn_blocking(move || here.is_ok_and(|here| is_of(pid, peer, here)));
            if known.await.unwrap_or_default() {
                return (stream, peer);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// Whether the process, or one that it has started, has the end `peer` of a connection to `here`. Blocks.
fn is_of(pid: u32, peer: SocketAddr, here: SocketAddr) -> bool {
    let (SocketAddr::V4(peer), SocketAddr::V4(here)) = (peer, here) else {
        return false;
    };
    for _ in 0..LOOKS {
        let Ok(table) = fs::read_to_string(CONNECTIONS) else {
            return true;
        };
        if let Some(inode) = inode(&table, peer, here) {
            return has_socket(pid, &format!("socket:[{inode}]"));
        }
    }
    false
}

/// The socket whose own address and other end are these.
fn inode(table: &str, own: SocketAddrV4, other: SocketAddrV4) -> Option<&str> {
    let (own, other) = (written(own), written(other));
    table.lines().find_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let is_it = fields.next()? == own && fields.next()? == other;
        // Between them: state, queues, timer, retransmissions, user, timeout.
        fields.nth(6).filter(|_| is_it)
    })
}

/// As the kernel writes it: the address as the number that its bytes are in memory.
fn written(address: SocketAddrV4) -> String {
    format!(
        "{:08X}:{:04X}",
        u32::from_ne_bytes(address.ip().octets()),
        address.port()
    )
}

fn has_socket(pid: u32, socket: &str) -> bool {
    let process = Path::new("/proc").join(pid.to_string());
    let links = fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
    let mut links = links.filter_map(|entry| fs::read_link(entry.path()).ok());
    links.any(|link| link.as_os_str() == socket)
        || children(&process).into_iter().any(|child| has_socket(child, socket))
}

fn children(process: &Path) -> Vec<u32> {
    let tasks = fs::read_dir(process.join("task")).into_iter().flatten().flatten();
    let lists = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
    lists
        .flat_map(|list| list.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        .filter_map(|pid| pid.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_of_the_process_that_made_it_and_of_those_that_started_that_one() {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let here = listener.local_addr().unwrap();
        let stranger = std::process::Command::new("sleep").arg("60").spawn();
        let mut stranger = stranger.unwrap();
        let ours = std::net::TcpStream::connect(here).unwrap();
        let peer = ours.local_addr().unwrap();
        assert!(is_of(std::process::id(), peer, here));
        assert!(!is_of(stranger.id(), peer, here), "of another process");
        assert!(
            !is_of(std::process::id(), here, peer),
            "the other way round it is nobody's yet"
        );

        let command = format!("exec 3<>/dev/tcp/127.0.0.1/{} && sleep 60", here.port());
        let mut child = std::process::Command::new("bash")
            .args(["-c", &command])
            .spawn()
            .unwrap();
        let (_first, _) = listener.accept().unwrap();
        let (_second, peer) = listener.accept().unwrap();
        assert!(is_of(child.id(), peer, here));
        assert!(is_of(std::process::id(), peer, here), "of a child");
        assert!(!is_of(stranger.id(), peer, here));
        for process in [&mut child, &mut stranger] {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }
}
