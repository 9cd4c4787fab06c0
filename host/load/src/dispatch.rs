//! Of which class each user is.
use crate::describe::Description;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The class of every user of a run: fixed counts first, in the order of declaration, then the weighted classes
/// in turn. The class of a user does not depend on how many come after it, so a run may grow and shrink.
///
/// After any number of weighted users, each class has its share, rounded up or down: users are slots, the j-th
/// user of a class may start when its share exceeds j and must start before its share reaches j + 1, and of
/// those that may start the one with the earliest deadline does (that this always works out is the theorem
/// behind Pfair scheduling: Baruah et al. 1996; nginx's smooth weighted round robin looks alike, but may fall
/// behind by more than one where classes are many).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispatch {
    classes: Vec<u32>,
    counts: Vec<u32>,
}

impl Dispatch {
    /// Dispatches this many users. Where no class is weighted, there are no more than the fixed counts say.
    pub fn new(description: &Description, users: u32) -> Self {
        let mut this = Self { classes: Vec::new(), counts: vec![0; description.classes.len()] };
        for (class, user_class) in description.classes.iter().enumerate() {
            let free = users - this.users();
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
        while this.users() < users {
            let Some(class) = turns.next() else { break };
            this.push(class);
        }
        this
    }

    /// How many users there are: as many as asked for, fewer only where no class is weighted.
    pub fn users(&self) -> u32 {
        self.classes.len() as u32
    }

    /// The class of user `k` (from 0), as its place in the description. `None` where there is no such user.
    pub fn class_of(&self, k: u32) -> Option<usize> {
        self.classes.get(k as usize).map(|class| *class as usize)
    }

    /// How many users are of this class.
    pub fn count_of(&self, class: usize) -> u32 {
        self.counts.get(class).copied().unwrap_or(0)
    }

    fn push(&mut self, class: usize) {
        self.classes.push(class as u32);
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

    fn dispatch(classes: &[(u32, Option<u32>)], users: u32) -> Dispatch {
        let class = |&(weight, fixed_count): &_| UserClass {
            name: String::new(),
            weight,
            fixed_count,
            host: None,
            wait: Wait::None,
            sets: Vec::new(),
            tasks: Vec::new(),
        };
        Dispatch::new(&Description { classes: classes.iter().map(class).collect() }, users)
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
    fn extreme_weights_do_not_overflow() {
        let dispatch = dispatch(&[(u32::MAX, None), (u32::MAX, None), (1, None)], 1_000);
        assert_eq!([0, 1, 2].map(|class| dispatch.count_of(class)), [500, 500, 0]);
    }
}
