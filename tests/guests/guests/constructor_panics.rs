//! Panics in its constructor.

use guests::Breaks;

struct ConstructorPanics;
guests::breaks!(ConstructorPanics);

impl Breaks for ConstructorPanics {
    fn new() -> Self {
        panic!("broken from the beginning")
    }
}
