//! Ways through a space: such that together they take every edge, and random ones.
//!
//! Touches nothing. Each way begins at the beginning, for an account cannot be taken back: much of what clients do cannot be undone. So a way goes on as long as
//! there is an edge ahead that was not taken, and those from which there is no way back are taken last.

use super::space::{Edge, Space};
use std::collections::VecDeque;

/// No way is longer, but for the edges to its last one: so that what fails can be read.
pub const LONGEST: usize = 400;

/// The edges that are left to take, and the ways so far.
#[derive(Debug)]
struct Cover<'a> {
    space: &'a Space,
    /// Of each state, which part it is in: from each state of a part there is a way to each other.
    part: Vec<usize>,
    /// Of each state, which of its edges have not been taken.
    left: Vec<Vec<Edge>>,
    count: usize,
}

/// Ways that together take every edge.
#[must_use]
pub fn covering(space: &Space) -> Vec<Vec<Edge>> {
    let mut cover = Cover {
        space,
        part: parts(space),
        left: space.edges.clone(),
        count: space.edges.iter().map(Vec::len).sum(),
    };
    let mut ways = Vec::new();
    while cover.count > 0 {
        ways.push(cover.way());
    }
    ways
}

impl Cover<'_> {
    fn way(&mut self) -> Vec<Edge> {
        let (mut way, mut at) = (Vec::new(), 0);
        while way.len() < LONGEST {
            let ahead = self.nearest(at, true).or_else(|| self.nearest(at, false));
            let Some(ahead) = ahead else {
                break;
            };
            for edge in ahead {
                let left = &mut self.left[edge.from];
                if let Some(place) = left.iter().position(|other| *other == edge) {
                    left.swap_remove(place);
                    self.count -= 1;
                }
                at = edge.to;
                way.push(edge);
            }
        }
        way
    }

    /// The shortest way that ends with an edge that was not taken; `within` the part, if there is one.
    fn nearest(&self, from: usize, within: bool) -> Option<Vec<Edge>> {
        let stays = |edge: &&Edge| !within || self.part[edge.to] == self.part[from];
        let mut reached = std::collections::HashMap::from([(from, None::<Edge>)]);
        let mut next = VecDeque::from([from]);
        while let Some(at) = next.pop_front() {
            let left = self.left[at].iter().filter(stays);
            // What changes nothing goes first.
            if let Some(&last) = left.min_by_key(|edge| edge.to != edge.from) {
                let mut way = vec![last];
                let mut at = at;
                while let Some(Some(edge)) = reached.get(&at) {
                    way.push(*edge);
                    at = edge.from;
                }
                way.reverse();
                return Some(way);
            }
            for edge in self.space.edges[at].iter().filter(stays) {
                reached.entry(edge.to).or_insert_with(|| {
                    next.push_back(edge.to);
                    Some(*edge)
                });
            }
        }
        None
    }
}

/// The strongly connected parts of a space, by Tarjan's algorithm, without recursion.
fn parts(space: &Space) -> Vec<usize> {
    const NONE: usize = usize::MAX;
    let count = space.edges.len();
    let (mut number, mut low, mut part) = (vec![NONE; count], vec![NONE; count], vec![NONE; count]);
    let (mut numbers, mut found, mut stack) = (0, 0, Vec::new());
    let mut open = vec![(0, 0)];
    while let Some((at, place)) = open.pop() {
        if place == 0 {
            (number[at], low[at]) = (numbers, numbers);
            numbers += 1;
            stack.push(at);
        }
        match space.edges[at].get(place) {
            Some(edge) => {
                open.push((at, place + 1));
                if number[edge.to] == NONE {
                    open.push((edge.to, 0));
                } else if part[edge.to] == NONE {
                    low[at] = low[at].min(number[edge.to]);
                }
            }
            None => {
                if low[at] == number[at] {
                    while let Some(member) = stack.pop() {
                        part[member] = found;
                        if member == at {
                            break;
                        }
                    }
                    found += 1;
                }
                if let Some(&(before, _)) = open.last() {
                    low[before] = low[before].min(low[at]);
                }
            }
        }
    }
    part
}
