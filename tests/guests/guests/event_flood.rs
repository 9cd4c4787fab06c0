//! Reports requests for ever.

use guests::{Breaks, Next, events, events::RequestEvent};

struct EventFlood;
guests::breaks!(EventFlood);

impl Breaks for EventFlood {
    fn new() -> Self {
        Self
    }

    fn run(&self) -> Result<Next, String> {
        let event = RequestEvent {
            request_type: "flood".into(),
            name: "flood".into(),
            response_time_us: 1,
            response_length: 1,
        };
        loop {
            events::request_success(&event);
        }
    }
}
