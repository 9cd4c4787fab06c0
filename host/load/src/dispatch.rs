//! Of which class each user is.
use crate::describe::Description;
use crate::version::Share;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

/// The class of every user of a run: fixed counts first, in the order of declaration, then the weighted classes
/// in turn. The class of a user does not depend on how many come after it, so a run may grow and shrink.
///
/// After any number of weighted users, each class has its share, rounded up or down: users are slots, the j-th
/// user of a class may start when its share exceeds j and must start before its share reaches j + 1, and of
/// those that may start the one with the earliest deadline does (that this always works out is the theorem
/// behind Pfair scheduling: Baruah et al. 1996; nginx's smooth weighted round robin looks alike, but may fall
/// behind by more than one where classes are many).
///
/// After a swap ([`Dispatch::following`]) there are as many users of each class as the new version asks for,
/// but who is what also depends on what everybody was before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispatch {
    /// The class of each user, as far as the last one that has any.
    classes: Vec<Option<u32>>,
    counts: Vec<u32>,
}

impl Dispatch {
    /// Dispatches this many users. Where no class is weighted, there are no more than the fixed counts say.
    pub fn new(description: &Description, users: u32) -> Self {
        let mut this = Self { classes: Vec::new(), counts: vec![0; description.classes.len()] };
        for (class, user_class) in description.classes.iter().enumerate() {
            let free = users - this.classes.len() as u32;
            for _ in 0..user_class.fixed_count.unwrap_or(0).min(free) {
                this.push(class);
            }
        }
        let weight_of = |class: usize| {
            let class = &description.classes[class];
            if class.fixed_count.is_some() { 0 } else { u128::from(class.weight) }
        };
        let weights: Vec<u128> = (0..description.classes.len()).map(weight_of).collect();
        let mut turns = Turns::new(&weights);
        while this.classes.len() < users as usize {
            let Some(class) = turns.next() else { break };
            this.push(class);
        }
        this
    }

    /// Dispatches this many users after a swap from the old version, given with its dispatch, to the new one.
    /// There are as many of each class as [`Dispatch::new`] says. Classes are the same where their names are;
    /// every user keeps its class as long as there is room in it, those with the lowest numbers first. All
    /// others, and users that had no class, take the places that are left, in the order in which
    /// [`Dispatch::new`] hands them out. Where it hands out fewer places than there are users, the last of
    /// those others have no class.
    pub fn following(old: (&Dispatch, &Description), new: &Description, users: u32) -> Self {
        let (old, old_description) = old;
        let fresh = Self::new(new, users);
        let by_name: HashMap<&str, usize> =
            new.classes.iter().enumerate().map(|(place, class)| (&*class.name, place)).collect();
        let renumbered: Vec<Option<usize>> =
            old_description.classes.iter().map(|c| by_name.get(&*c.name).copied()).collect();

        let mut kept = vec![0; fresh.counts.len()];
        let mut keep = |k: u32| {
            let class = renumbered.get(old.class_of(k)?).copied()??;
            let has_room = kept[class] < fresh.counts[class];
            kept[class] += u32::from(has_room);
            has_room.then_some(class as u32)
        };
        let mut classes: Vec<Option<u32>> = (0..users).map(&mut keep).collect();

        // Those who keep their class have taken its first places.
        let mut left = fresh.classes.into_iter().flatten().filter(|class| {
            let taken = &mut kept[*class as usize];
            let is_left = *taken == 0;
            *taken = taken.saturating_sub(1);
            is_left
        });
        for class in classes.iter_mut().filter(|class| class.is_none()) {
            *class = left.next();
        }
        let last = classes.iter().rposition(Option::is_some);
        classes.truncate(last.map_or(0, |last| last + 1));
        Self { classes, counts: fresh.counts }
    }

    /// Whether each of the first so many users is of the share: of every class the share rounded up is, spread
    /// over its users in the order of their numbers. Users without a class are only where the share is all.
    pub fn chosen(&self, share: Share, users: u32) -> Box<[bool]> {
        let mut places = vec![0; self.counts.len()];
        let mut is_chosen = |k: u32| {
            let Some(class) = self.class_of(k) else { return share.is_all() };
            places[class] += 1;
            share.includes(places[class] - 1)
        };
        (0..users).map(&mut is_chosen).collect()
    }

    /// How many users have a class: as many as asked for, fewer only where no class is weighted.
    pub fn users(&self) -> u32 {
        self.counts.iter().sum()
    }

    /// The class of user `k` (from 0), as its place in the description. `None` where there is no such user,
    /// or no place was left for it.
    pub fn class_of(&self, k: u32) -> Option<usize> {
        self.classes.get(k as usize)?.map(|class| class as usize)
    }

    /// How many users are of this class.
    pub fn count_of(&self, class: usize) -> u32 {
        self.counts.get(class).copied().unwrap_or(0)
    }

    fn push(&mut self, class: usize) {
        self.classes.push(Some(class as u32));
        self.counts[class] += 1;
    }
}

/// Whose turn it is, for ever. Slots are counted from 1.
struct Turns<'a> {
    weights: &'a [u128],
    sum: u128,
    slot: u128,
    /// (first slot it may take, class, how many it has) of classes that are ahead of their share.
    early: BinaryHeap<Reverse<(u128, usize, u128)>>,
    /// (last slot it may take, first one, class, how many it has) of those that may go now. Who has waited
    /// longer wins a tie.
    ready: BinaryHeap<Reverse<(u128, u128, usize, u128)>>,
}

impl<'a> Turns<'a> {
    /// Numbers are 128 bits wide so that no weights and no number of users overflow their product.
    fn new(weights: &'a [u128]) -> Self {
        let weighted = weights.iter().enumerate().filter(|(_, weight)| **weight > 0);
        let early = weighted.map(|(class, _)| Reverse((1, class, 0))).collect();
        Self { weights, sum: weights.iter().sum(), slot: 0, early, ready: BinaryHeap::new() }
    }

    fn next(&mut self) -> Option<usize> {
        self.slot += 1;
        while let Some(&Reverse((first, class, has))) = self.early.peek()
            && first <= self.slot
        {
            self.early.pop();
            let last = ((has + 1) * self.sum).div_ceil(self.weights[class]);
            self.ready.push(Reverse((last, first, class, has)));
        }
        let Reverse((_, _, class, has)) = self.ready.pop()?;
        let first = (has + 1) * self.sum / self.weights[class] + 1;
        self.early.push(Reverse((first, class, has + 1)));
        Some(class)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::describe::UserClass;
    use crate::wait::Wait;

    fn class(weight: u32, fixed_count: Option<u32>) -> UserClass {
        UserClass {
            name: String::new(),
            weight,
            fixed_count,
            host: None,
            wait: Wait::None,
            sets: Vec::new(),
            tasks: Vec::new(),
        }
    }

    fn description(classes: impl Iterator<Item = UserClass>) -> Description {
        let mut description = Description::default();
        description.classes.extend(classes);
        description
    }

    fn dispatch(classes: &[(u32, Option<u32>)], users: u32) -> Dispatch {
        let classes = classes.iter().map(|(weight, count)| class(*weight, *count));
        Dispatch::new(&description(classes), users)
    }

    #[test]
    fn who_is_what() {
        // ((weight, fixed count) of each class, users) → the class of each user
        let rows: &[(&[_], u32, &[usize])] = &[
            (&[(1, None)], 3, &[0, 0, 0]),
            (&[(1, None), (1, None)], 5, &[0, 1, 0, 1, 0]),
            (&[(3, None), (1, None)], 8, &[0, 0, 1, 0, 0, 0, 1, 0]),
            // Fixed counts come first, whatever their weight,
            (&[(1, None), (9, Some(2))], 5, &[1, 1, 0, 0, 0]),
            // in the order of declaration,
            (&[(0, Some(1)), (1, None), (0, Some(1))], 4, &[0, 2, 1, 1]),
            // and no more of them than there are users.
            (&[(1, Some(2)), (1, Some(5))], 3, &[0, 0, 1]),
            // Nobody is left over for a class of weight 0,
            (&[(0, None), (1, None)], 2, &[1, 1]),
            // and where all is fixed, there are no more users.
            (&[(1, Some(2))], 5, &[0, 0]),
            (&[], 5, &[]),
        ];
        for (classes, users, expected) in rows {
            let dispatch = dispatch(classes, *users);
            let got: Vec<usize> = (0..*users).map_while(|k| dispatch.class_of(k)).collect();
            assert_eq!(&got, expected, "{classes:?} for {users}");
            assert_eq!(dispatch.users() as usize, expected.len());
            for class in 0..classes.len() {
                assert_eq!(
                    dispatch.count_of(class) as usize,
                    got.iter().filter(|c| **c == class).count()
                );
            }
        }
        assert_eq!(dispatch(&[(1, None)], 1).count_of(7), 0, "no such class");
    }

    #[test]
    fn a_user_keeps_its_class_when_the_run_grows() {
        let classes = [(3, None), (0, Some(4)), (2, None)];
        let (small, large) = (dispatch(&classes, 20), dispatch(&classes, 200));
        assert!((0..20).all(|k| small.class_of(k) == large.class_of(k)));
    }

    #[test]
    fn who_is_what_after_a_swap() {
        // Classes as (name, weight, fixed count), a user's class by its name, "-" for none.
        type Classes = &'static [(&'static str, u32, Option<u32>)];
        let rows: &[(Classes, Classes, &str, &str)] = &[
            // Nothing changed but the order of declaration.
            (
                &[("a", 1, None), ("b", 1, None)],
                &[("b", 1, None), ("a", 1, None)],
                "ababab",
                "ababab",
            ),
            // A class shrinks: those with the lowest numbers stay, the others go where there is room.
            (
                &[("a", 1, None), ("b", 1, None)],
                &[("a", 1, None), ("b", 2, None)],
                "ababab",
                "ababbb",
            ),
            // A class is renamed: its users get the places of the new one, nobody else moves.
            (
                &[("a", 1, None), ("b", 1, None)],
                &[("a", 1, None), ("c", 1, None)],
                "ababab",
                "acacac",
            ),
            // What is left is handed out as if they were the last to come: fixed counts first.
            (
                &[("a", 1, None)],
                &[("a", 1, None), ("b", 1, None), ("c", 0, Some(2))],
                "aaaaaa",
                "aaccbb",
            ),
            // Fixed counts alone: who has no place has no class, wherever it stands.
            (&[("a", 0, Some(1)), ("b", 0, Some(3))], &[("b", 0, Some(3))], "abbb", "-bbb"),
            (&[("a", 1, None)], &[("b", 0, Some(1)), ("a", 0, Some(2))], "aaaaa", "aab--"),
            // Users that had no class get one.
            (&[("a", 0, Some(1))], &[("b", 1, None)], "a---", "bbbb"),
            (&[("a", 1, None)], &[], "aa", "--"),
        ];
        let named = |classes: &[(&str, u32, Option<u32>)]| {
            let class = |&(name, weight, fixed_count): &(&str, _, _)| UserClass {
                name: name.to_owned(),
                ..class(weight, fixed_count)
            };
            description(classes.iter().map(class))
        };
        for (old, new, before, after) in rows {
            let (old, new, users) = (named(old), named(new), before.len() as u32);
            let names = |dispatch: &Dispatch, description: &Description| -> String {
                let class = |k| dispatch.class_of(k).map(|class| &*description.classes[class].name);
                (0..users).map(|k| class(k).unwrap_or("-")).collect()
            };
            let first = Dispatch::new(&old, users);
            assert_eq!(&names(&first, &old), before);
            let second = Dispatch::following((&first, &old), &new, users);
            assert_eq!(&names(&second, &new), after, "after {before}");
            assert_eq!(second.users() as usize, after.len() - after.matches('-').count());
        }
    }

    #[test]
    fn a_share_of_each_class() {
        // Users are 0 0 1 1 1 1 1 - - -.
        let dispatch = dispatch(&[(0, Some(2)), (0, Some(5))], 10);
        let chosen = |share| {
            let chosen = dispatch.chosen(Share::new(share).expect("a share"), 10);
            (0..10).filter(|k| chosen[*k]).collect::<Vec<_>>()
        };
        assert_eq!(chosen(0.01), [0, 2], "each class has somebody");
        assert_eq!(chosen(0.5), [0, 2, 4, 6], "1 of 2 and 3 of 5");
        assert_eq!(chosen(1.0), (0..10).collect::<Vec<_>>(), "all are all");
    }

    #[test]
    fn extreme_weights_do_not_overflow() {
        let dispatch = dispatch(&[(u32::MAX, None), (u32::MAX, None), (1, None)], 1_000);
        assert_eq!([0, 1, 2].map(|class| dispatch.count_of(class)), [500, 500, 0]);
    }
}
