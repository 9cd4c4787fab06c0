//! Uses the WASI that it is given: an empty one. Asserts that there is nothing to find, that clocks run
//! and that randomness follows the seed; prints. Two iterations.

use guests::{Behaviour, Next, UserClass, class, context};
use std::cell::Cell;
use wasip2::cli::{environment, stderr, stdin, stdout, terminal_stdout};
use wasip2::clocks::{monotonic_clock, wall_clock};
use wasip2::filesystem::preopens;
use wasip2::random::{insecure, insecure_seed, random};
use wasip2::sockets::network::IpAddressFamily;
use wasip2::sockets::tcp_create_socket::create_tcp_socket;
use wasip2::sockets::udp_create_socket::create_udp_socket;

struct Wasi {
    iterations: Cell<u32>,
    first: Cell<u64>,
}
guests::scenario!(Wasi);

impl Behaviour for Wasi {
    fn new(_class: String) -> Self {
        std::panic::set_hook(Box::new(|info| guests::log::panicking(&info.to_string())));
        Self { iterations: Cell::new(0), first: Cell::new(0) }
    }

    fn describe() -> Vec<UserClass> {
        vec![class("Wasi", &["look around"])]
    }

    fn run(&self, _task: u32) -> Result<Next, String> {
        assert!(environment::get_environment().is_empty());
        assert!(environment::get_arguments().is_empty());
        assert!(preopens::get_directories().is_empty());
        assert!(create_tcp_socket(IpAddressFamily::Ipv4).is_err());
        assert!(create_udp_socket(IpAddressFamily::Ipv6).is_err());
        assert!(stdin::get_stdin().blocking_read(1).is_err(), "standard input is at its end");
        assert!(terminal_stdout::get_terminal_stdout().is_none());

        assert!(wall_clock::now().seconds > 1_700_000_000);
        let before = monotonic_clock::now();
        monotonic_clock::subscribe_duration(20_000_000).block();
        assert!(monotonic_clock::now() - before >= 20_000_000);

        let drawn = random::get_random_u64();
        assert_ne!(drawn, random::get_random_u64());
        assert_ne!(drawn, insecure::get_insecure_random_u64());
        assert_ne!(drawn, self.first.replace(drawn), "the same as in the iteration before");
        let (seed, _) = insecure_seed::insecure_seed();
        let user = context::user_id();
        let line = format!("user {user} drew {drawn}, its seed is {seed}\nand no new");
        stdout::get_stdout().blocking_write_and_flush(line.as_bytes()).map_err(text)?;
        context::sleep_us(1_000);
        stdout::get_stdout().blocking_write_and_flush(b" line\n").map_err(text)?;
        stderr::get_stderr().blocking_write_and_flush(b"a bad \x1b[31mfeeling").map_err(text)?;
        self.iterations.set(self.iterations.get() + 1);
        Ok(if self.iterations.get() == 2 { Next::StopUser } else { Next::Proceed })
    }
}

fn text(error: impl core::fmt::Debug) -> String {
    format!("{error:?}")
}
