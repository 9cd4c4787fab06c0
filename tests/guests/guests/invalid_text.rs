//! Claims that something is UTF-8 which is not.

use guests::{Breaks, Next, context};

struct InvalidText;
guests::breaks!(InvalidText);

impl Breaks for InvalidText {
    fn new() -> Self {
        Self
    }

    fn run(&self) -> Result<Next, String> {
        // SAFETY: none; that is the point. Nothing here looks at the text.
        let bytes = core::hint::black_box([0xff, 0xfe]);
        context::check(unsafe { core::str::from_utf8_unchecked(&bytes) }, true);
        Ok(Next::Proceed)
    }
}
