//! Statistics by text, where the text comes from elsewhere and may never repeat: bounded, yet mergeable.
use std::borrow::Borrow;
use std::collections::BTreeMap;

/// A statistic that can be put together with another of its kind: commutative, associative, `Default` is the
/// identity.
pub trait Merge: Default {
    /// Adds the other one to this.
    fn merge(&mut self, other: &Self);
}

/// A key of [`Groups`]: what it is folded under when there are too many.
pub trait Grouped {
    /// The kind that keys of this sort are counted under when they are not kept.
    fn kind(&self) -> &'static str;
}

/// At most `CAP` distinct keys with a statistic each; what is above is folded into one statistic per kind.
///
/// **The merge law holds in spite of the cap**, exactly: the keys that are kept are the `CAP` *smallest* of all
/// that were ever seen. A key that is among the smallest of the whole is among the smallest of each part, hence
/// never folded on the way, hence exact; every other key ends folded, whatever the order. Keeping the first or
/// the most frequent instead would make the result depend on which part was merged first. Nothing is lost in
/// either place: kept and folded statistics together are those of everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups<K, V, const CAP: usize> {
    kept: BTreeMap<K, V>,
    folded: BTreeMap<&'static str, V>,
}

impl<K, V, const CAP: usize> Default for Groups<K, V, CAP> {
    fn default() -> Self {
        Self { kept: BTreeMap::new(), folded: BTreeMap::new() }
    }
}

impl<K: Ord + Clone + Grouped, V: Merge, const CAP: usize> Groups<K, V, CAP> {
    /// The statistic of this key, or of its kind where the key is not kept. Allocates for a new key only.
    pub fn at<Q>(&mut self, key: &Q) -> &mut V
    where
        K: Borrow<Q>,
        Q: Ord + Grouped + ToOwned<Owned = K> + ?Sized,
    {
        if !self.kept.contains_key(key) {
            if self.kept.len() >= CAP {
                let largest = self.kept.last_key_value().map(|(largest, _)| largest.borrow());
                if largest.is_none_or(|largest| key > largest) {
                    return self.folded.entry(key.kind()).or_default();
                }
                if let Some((largest, stats)) = self.kept.pop_last() {
                    self.folded.entry(largest.kind()).or_default().merge(&stats);
                }
            }
            return self.kept.entry(key.to_owned()).or_default();
        }
        self.kept.get_mut(key).expect("the key was just found")
    }

    /// Adds everything that the other one holds.
    pub fn merge(&mut self, other: &Self) {
        for (key, stats) in &other.kept {
            self.at(key).merge(stats);
        }
        for (kind, stats) in &other.folded {
            self.folded.entry(kind).or_default().merge(stats);
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.kept.clear();
        self.folded.clear();
    }

    /// The keys that are kept, in their order.
    pub fn kept(&self) -> impl ExactSizeIterator<Item = (&K, &V)> {
        self.kept.iter()
    }

    /// What was folded, by kind: reports call it `(other)`.
    pub fn folded(&self) -> impl ExactSizeIterator<Item = (&'static str, &V)> {
        self.folded.iter().map(|(kind, stats)| (*kind, stats))
    }

    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty() && self.folded.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::window::CheckStats;

    #[test]
    fn the_smallest_keys_stay_and_nothing_is_lost() {
        let mut groups = Groups::<String, CheckStats, 2>::default();
        for key in ["d", "b", "d", "c", "a", "d", "b"] {
            groups.at(key).passed += 1;
        }
        let kept: Vec<_> = groups.kept().map(|(key, stats)| (key.as_str(), stats.passed)).collect();
        assert_eq!(kept, [("a", 1), ("b", 2)]);
        let folded: Vec<_> = groups.folded().map(|(kind, stats)| (kind, stats.passed)).collect();
        assert_eq!(folded, [("check", 4)]);
        groups.clear();
        assert!(groups.is_empty());
    }

    #[test]
    fn a_cap_of_nothing_folds_everything() {
        let mut groups = Groups::<String, CheckStats, 0>::default();
        groups.at("a").failed += 1;
        assert_eq!((groups.kept().len(), groups.folded().len()), (0, 1));
    }
}
