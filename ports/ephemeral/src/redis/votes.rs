//! Which master how many sentinels name. Pure.

use super::server::Node;

/// The masters that were named, in the order in which each was named first.
#[derive(Debug, Default)]
pub(super) struct Votes(Vec<(Node, usize)>);

impl Votes {
    /// Counts a vote for `master`, and answers how many it has.
    pub(super) fn count(&mut self, master: &Node) -> usize {
        match self.0.iter_mut().find(|(named, _)| named == master) {
            Some((_, votes)) => {
                *votes += 1;
                *votes
            }
            None => {
                self.0.push((master.clone(), 1));
                1
            }
        }
    }

    /// Those that were named, by whom most do first.
    pub(super) fn most_first(mut self) -> Vec<Node> {
        self.0.sort_by_key(|(_, votes)| std::cmp::Reverse(*votes));
        self.0.into_iter().map(|(master, _)| master).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_master_that_most_name_comes_first_and_among_equals_the_one_named_first() {
        let node = |port| Node { host: "redis".to_owned(), port };
        let mut votes = Votes::default();

        let counts = [1, 2, 3, 2].map(|port| votes.count(&node(port)));

        assert_eq!(counts, [1, 1, 1, 2]);
        assert_eq!(votes.most_first(), [2, 1, 3].map(node));
    }
}
