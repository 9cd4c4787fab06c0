//! Never comes back from its constructor.

use guests::Breaks;

struct ConstructorLoops;
guests::breaks!(ConstructorLoops);

impl Breaks for ConstructorLoops {
    fn new() -> Self {
        loop {
            core::hint::black_box(0);
        }
    }
}
