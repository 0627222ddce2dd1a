//! A directory as a loss of power may leave it, worked out from what was recorded.
//!
//! Touches directories that it is told to write.
//!
//! Theory of operation. A file is its *effects*, in order: writes and sizes. A sync of the file that has ended makes those durable that
//! were there when it began. A cut keeps all durable effects and, of the others, what [`Fate`] says: a disk and its file system
//! write back what was not synced in any order, or not at all, and a write in sectors. A directory is its effects in the same way: names
//! made, removed and renamed, durable once the directory itself was synced. A rename is whole or has not happened.
//!
//! These are what SQLite assumes of a disk, and no more: that a sync makes a file's octets and size last; that a file that
//! was created lasts once its directory was synced; that a write does not damage the octets beside it ("powersafe overwrite"). That a file
//! grows by zeros until its octets have arrived is not assumed: some file systems show what was on those sectors before.
//!
//! What a failed sync should have made durable may be lost though a later sync succeeds: Linux takes the pages for clean.

use crate::{chance::Chance, log::Record};
use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::{Path, PathBuf},
    rc::Rc,
};

/// What a disk writes whole.
const SECTOR: usize = 512;

/// What becomes of effects that no sync has made durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// None is there.
    Lost,
    /// All are there: as after SIGKILL.
    Kept,
    /// Those up to some moment are there.
    Prefix,
    /// Some are there, whichever.
    Some,
    /// Some are there, and of some writes only some sectors; what a file grew by may be rubbish.
    Torn,
}

impl Fate {
    pub const ALL: [Self; 5] = [Self::Lost, Self::Kept, Self::Prefix, Self::Some, Self::Torn];
}

#[derive(Clone, Debug)]
enum Effect {
    Write { at: usize, octets: Rc<[u8]> },
    Size(usize),
}

#[derive(Clone, Debug)]
enum Naming {
    Made(String, usize),
    Removed(String),
    Renamed(String, String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Pending,
    /// A sync of it has failed: no sync to come makes it durable.
    Doubtful,
    Durable,
}

/// Something that was done, with its place in the order of all.
#[derive(Clone, Debug)]
struct Done<T> {
    moment: usize,
    state: State,
    what: T,
}

/// A file or a directory.
#[derive(Clone, Debug)]
enum Node {
    File {
        octets: Vec<u8>,
        since: Vec<Done<Effect>>,
    },
    Directory {
        names: BTreeMap<String, usize>,
        since: Vec<Done<Naming>>,
    },
}

/// Everything below a root, which is itself durable.
#[derive(Clone, Debug)]
pub struct Disk {
    nodes: Vec<Node>,
    open: HashMap<i32, usize>,
    syncs: HashMap<i32, usize>,
    moment: usize,
}

const ROOT: usize = 0;
const O_CREAT: i32 = 0o100;
const O_TRUNC: i32 = 0o1000;

impl Disk {
    /// As this directory is, all of it durable.
    pub fn of(root: &Path) -> Self {
        let mut disk = Self {
            nodes: Vec::new(),
            open: HashMap::new(),
            syncs: HashMap::new(),
            moment: 0,
        };
        disk.take_in(root);
        disk
    }

    fn take_in(&mut self, path: &Path) -> usize {
        let at = self.nodes.len();
        if path.is_file() {
            self.nodes.push(Node::File {
                octets: fs::read(path).unwrap(),
                since: Vec::new(),
            });
            return at;
        }
        self.nodes.push(Node::Directory {
            names: BTreeMap::new(),
            since: Vec::new(),
        });
        let mut found = BTreeMap::new();
        for entry in fs::read_dir(path).unwrap().map(Result::unwrap) {
            let name = entry.file_name().into_string().unwrap();
            if !name.ends_with("-shm") {
                found.insert(name, self.take_in(&entry.path()));
            }
        }
        if let Node::Directory { names, .. } = &mut self.nodes[at] {
            *names = found;
        }
        at
    }

    /// What comes next in the log happens.
    pub fn follow(&mut self, record: &Record) {
        self.moment += 1;
        match record {
            Record::Opened {
                descriptor,
                path,
                flags,
            } => {
                let node = self.node(path).unwrap_or_else(|| {
                    assert!(flags & O_CREAT != 0, "`{path}` is opened, and not there");
                    self.make(
                        path,
                        Node::File {
                            octets: Vec::new(),
                            since: Vec::new(),
                        },
                    )
                });
                self.open.insert(*descriptor, node);
                if flags & O_TRUNC != 0 {
                    self.affect(*descriptor, Effect::Size(0));
                }
            }
            Record::Closed { descriptor } => {
                self.open.remove(descriptor);
            }
            Record::Written {
                descriptor,
                at,
                octets,
            } => {
                let octets = octets.as_slice().into();
                self.affect(*descriptor, Effect::Write { at: *at, octets });
            }
            Record::Sized { descriptor, size } => self.affect(*descriptor, Effect::Size(*size)),
            Record::SyncBegun { descriptor } => {
                self.syncs.insert(*descriptor, self.moment);
            }
            Record::SyncEnded { descriptor } => self.synced(*descriptor, State::Durable),
            Record::SyncFailed { descriptor } => self.synced(*descriptor, State::Doubtful),
            Record::Made { path } => {
                self.make(
                    path,
                    Node::Directory {
                        names: BTreeMap::new(),
                        since: Vec::new(),
                    },
                );
            }
            Record::Removed { path } => {
                let (directory, name) = self.parent(path);
                self.name(directory, Naming::Removed(name));
            }
            Record::Renamed { from, to } => {
                let ((directory, old), (target, new)) = (self.parent(from), self.parent(to));
                assert_eq!(directory, target, "`{from}` moves to another directory");
                self.name(directory, Naming::Renamed(old, new));
            }
            Record::Told { .. } => {}
        }
    }

    fn affect(&mut self, descriptor: i32, what: Effect) {
        let (moment, state) = (self.moment, State::Pending);
        match &mut self.nodes[self.open[&descriptor]] {
            Node::File { since, .. } => since.push(Done {
                moment,
                state,
                what,
            }),
            Node::Directory { .. } => panic!("a directory is written to"),
        }
    }

    fn name(&mut self, directory: usize, what: Naming) {
        let (moment, state) = (self.moment, State::Pending);
        match &mut self.nodes[directory] {
            Node::Directory { since, .. } => since.push(Done {
                moment,
                state,
                what,
            }),
            Node::File { .. } => panic!("a file has no names in it"),
        }
    }

    fn make(&mut self, path: &str, node: Node) -> usize {
        let (directory, name) = self.parent(path);
        self.nodes.push(node);
        let made = self.nodes.len() - 1;
        self.name(directory, Naming::Made(name, made));
        made
    }

    fn synced(&mut self, descriptor: i32, to: State) {
        let begun = self.syncs[&descriptor];
        match &mut self.nodes[self.open[&descriptor]] {
            Node::File { octets, since } => {
                settle(since, begun, to, |effect| {
                    effect.apply(octets, |_| true, &mut |_| {})
                });
            }
            Node::Directory { names, since } => {
                settle(since, begun, to, |naming| naming.apply(names))
            }
        }
    }

    /// The directory that a path ends in, and its name there, as they are now.
    fn parent(&self, path: &str) -> (usize, String) {
        let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
        (
            self.node(directory).expect("the directory is there"),
            name.into(),
        )
    }

    fn node(&self, path: &str) -> Option<usize> {
        path.split('/')
            .filter(|part| !part.is_empty())
            .try_fold(ROOT, |at, part| match &self.nodes[at] {
                Node::Directory { names, since } => {
                    let mut names = names.clone();
                    since.iter().for_each(|done| done.what.apply(&mut names));
                    names.get(part).copied()
                }
                Node::File { .. } => None,
            })
    }

    /// Writes to `root`, an empty directory, what is there after a cut now.
    pub fn cut(&self, fate: Fate, chance: &mut Chance, root: &Path) {
        let first = self.first_pending();
        let last = first + chance.below(self.moment + 2 - first) - 1;
        self.write(ROOT, root, fate, last, chance);
    }

    /// When the first was done of what may be lost.
    fn first_pending(&self) -> usize {
        let moments = self.nodes.iter().filter_map(|node| match node {
            Node::File { since, .. } => since.first().map(|done| done.moment),
            Node::Directory { since, .. } => since.first().map(|done| done.moment),
        });
        moments.min().unwrap_or(self.moment + 1)
    }

    fn write(&self, node: usize, path: &Path, fate: Fate, last: usize, chance: &mut Chance) {
        match &self.nodes[node] {
            Node::File { octets, since } => {
                let mut octets = octets.clone();
                for done in since {
                    if !done.survives(fate, last, chance) {
                        continue;
                    }
                    let torn =
                        fate == Fate::Torn && done.state != State::Durable && chance.once_in(2);
                    let (mut sectors, mut fill) = (chance.part(), chance.part());
                    let rubbish = torn && chance.once_in(2);
                    let fill = &mut |gap: &mut [u8]| {
                        if rubbish {
                            gap.iter_mut()
                                .for_each(|octet| *octet = fill.below(256) as u8);
                        }
                    };
                    done.what
                        .apply(&mut octets, |_| !torn || sectors.once_in(2), fill);
                }
                fs::write(path, octets).unwrap();
            }
            Node::Directory { names, since } => {
                let mut names = names.clone();
                for done in since
                    .iter()
                    .filter(|done| done.survives(fate, last, chance))
                {
                    done.what.apply(&mut names);
                }
                if node != ROOT {
                    fs::create_dir(path).unwrap();
                }
                for (name, &node) in &names {
                    self.write(node, &path.join(name), fate, last, chance);
                }
            }
        }
    }
}

/// Every file below a directory with its octets, but for what [`crate::shim`] does not look at.
pub fn contents(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(root).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            let inner = contents(&path).into_iter();
            all.extend(
                inner.map(|(name, octets)| (Path::new(&entry.file_name()).join(name), octets)),
            );
        } else if !path.to_str().unwrap().ends_with("-shm") {
            all.insert(entry.file_name().into(), fs::read(path).unwrap());
        }
    }
    all
}

/// A sync that began then has ended so. What is durable without a gap before it need not be kept apart any longer.
fn settle<T>(since: &mut Vec<Done<T>>, begun: usize, to: State, mut apply: impl FnMut(&T)) {
    for done in since
        .iter_mut()
        .filter(|done| done.moment < begun && done.state == State::Pending)
    {
        done.state = to;
    }
    let settled = since
        .iter()
        .take_while(|done| done.state == State::Durable)
        .count();
    since.drain(..settled).for_each(|done| apply(&done.what));
}

impl<T> Done<T> {
    fn survives(&self, fate: Fate, last: usize, chance: &mut Chance) -> bool {
        self.state == State::Durable
            || match fate {
                Fate::Lost => false,
                Fate::Kept => true,
                Fate::Prefix => self.moment <= last,
                Fate::Some | Fate::Torn => chance.once_in(2),
            }
    }
}

impl Effect {
    /// Takes effect, in those sectors that `keeps` chooses; the others, where the file grows, are `fill`ed.
    fn apply(
        &self,
        file: &mut Vec<u8>,
        mut keeps: impl FnMut(usize) -> bool,
        fill: &mut dyn FnMut(&mut [u8]),
    ) {
        match self {
            Self::Size(size) => file.resize(*size, 0),
            Self::Write { at, octets } => {
                let (size, end) = (file.len(), at + octets.len());
                if size < end {
                    file.resize(end, 0);
                    fill(&mut file[size..end]);
                }
                let mut from = *at;
                while from < end {
                    let to = end.min((from / SECTOR + 1) * SECTOR);
                    if keeps(from / SECTOR) {
                        file[from..to].copy_from_slice(&octets[from - at..to - at]);
                    }
                    from = to;
                }
            }
        }
    }
}

impl Naming {
    fn apply(&self, names: &mut BTreeMap<String, usize>) {
        match self {
            Self::Made(name, node) => {
                names.insert(name.clone(), *node);
            }
            Self::Removed(name) => {
                names.remove(name);
            }
            Self::Renamed(old, new) => {
                if let Some(node) = names.remove(old) {
                    names.insert(new.clone(), node);
                }
            }
        }
    }
}
