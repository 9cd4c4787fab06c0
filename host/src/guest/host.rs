//! The host's side of the world `load`: what a guest can call.

use super::bindings::katydid::load::{events, log, metrics};
use super::budget::Budget;
use super::caller::{Caller, Level};
use super::context;
use super::limits::{Limits, Watch};
use super::multicall;
use super::node::{Document, GuestFailure, GuestNode, HostNode, Options, encode_call, owned_nodes};
use super::wasi::Wasi;
use katydid_load::failure::Failure;
use katydid_load::metric::Recorded;
use katydid_load::rng::{Purpose, Rng};
use katydid_xmlrpc::{Reply, decode_reply};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use wasmtime::StoreContextMut;
use wasmtime::component::{
    HasSelf, Linker, Resource, ResourceTable, ResourceType, WasmList, WasmStr,
};
use wasmtime_wasi::{WasiCtxView, WasiView};

/// What stands in a store beside the instance.
pub(super) struct Host<C: Caller> {
    pub(super) caller: C,
    pub(super) watch: Watch,
    budget: Budget,
    /// What the guest said of the panic that it is about to die of.
    pub(super) panic: Option<String>,
    pub(super) user: u64,
    pub(super) iteration: u64,
    seed: u64,
    /// The guest's randomness in this iteration, made when it is first asked for.
    random: Option<Rng>,
    pub(super) parameters: Arc<BTreeMap<String, String>>,
    limits: Limits,
    /// The method of the call under way; kept to spare an allocation.
    name: String,
    resources: ResourceTable,
    /// Judged calls that the guest has not let go; their replies are on our side of its memory limit.
    held: u32,
    /// Made for guests that use WASI.
    wasi: Option<Box<Wasi>>,
}

/// A call that waits for the scenario's verdict.
pub(super) struct Judged<C: Caller> {
    measured: Option<C::Measured>,
    name: String,
    reply: Result<Vec<HostNode>, Failure>,
}

type CallResult = Result<Vec<HostNode>, GuestFailure>;

impl<C: Caller> Host<C> {
    pub(super) fn new(
        caller: C,
        limits: &Limits,
        user: u64,
        seed: u64,
        parameters: Arc<BTreeMap<String, String>>,
    ) -> Self {
        let mut resources = ResourceTable::new();
        resources.set_max_capacity(limits.handles as usize);
        Self {
            caller,
            watch: Watch::new(limits),
            budget: Budget::new(limits),
            panic: None,
            user,
            iteration: 0,
            seed,
            random: None,
            parameters,
            limits: *limits,
            name: String::new(),
            resources,
            held: 0,
            wasi: None,
        }
    }

    pub(super) fn begin_iteration(&mut self, iteration: u64) {
        self.iteration = iteration;
        self.random = None;
        if let Some(wasi) = &self.wasi {
            wasi.begin_iteration(iteration);
        }
        self.caller.begin_iteration(iteration);
    }

    /// Before each call into the guest: what it may use is as much as ever, what it did is past.
    pub(super) fn refill(&mut self) {
        self.budget = Budget::new(&self.limits);
        self.watch.struck = None;
    }

    /// Pays for time that the guest has computed.
    pub(super) fn compute(&mut self, ran: Duration) -> wasmtime::Result<()> {
        self.budget.compute(&self.limits, ran)
    }

    /// Pays for one event.
    pub(super) fn pay(&mut self) -> wasmtime::Result<()> {
        self.budget.event(&self.limits)
    }

    /// 64 random bits of this iteration.
    pub(super) fn random(&mut self) -> u64 {
        let (seed, user, iteration) = (self.seed, self.user, self.iteration);
        self.random
            .get_or_insert_with(|| Rng::keyed(seed, user, iteration, Purpose::Guest))
            .next_u64()
    }

    /// Logs what the guest has printed through WASI.
    pub(super) fn log_printed(&mut self, last: bool) {
        let Self { wasi, budget, caller, limits, .. } = self;
        if let Some(wasi) = wasi {
            wasi.printed(last, |level, line| budget.log(limits, caller, level, line));
        }
    }
}

impl<C: Caller> WasiView for Host<C> {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let Self { seed, user, iteration, .. } = *self;
        let wasi = self.wasi.get_or_insert_with(|| Box::new(Wasi::new(seed, user, iteration)));
        WasiCtxView { ctx: &mut wasi.ctx, table: &mut self.resources }
    }
}

/// Offers everything that the world `load` imports, and an empty WASI if the guest wants one.
pub(super) fn linker<C: Caller>(
    engine: &wasmtime::Engine,
    needs_wasi: bool,
) -> wasmtime::Result<Linker<Host<C>>> {
    let mut linker = Linker::new(engine);
    if needs_wasi {
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    }
    events::add_to_linker::<_, HasSelf<_>>(&mut linker, |host| host)?;
    metrics::add_to_linker::<_, HasSelf<_>>(&mut linker, |host| host)?;
    log::add_to_linker::<_, HasSelf<_>>(&mut linker, |host| host)?;
    context::link(&mut linker)?;
    link_client(&mut linker)?;
    Ok(linker)
}

/// `katydid:load/client`, by hand: arguments are written as XML straight from the guest's memory.
fn link_client<C: Caller>(linker: &mut Linker<Host<C>>) -> wasmtime::Result<()> {
    let mut client = linker.instance("katydid:load/client@0.1.0")?;
    client.func_wrap_async(
        "call",
        |store: StoreContextMut<'_, Host<C>>, (method, args): (WasmStr, WasmList<GuestNode>)| {
            Box::new(call(store, method, args))
        },
    )?;
    client.func_wrap_async(
        "call-judged",
        |store: StoreContextMut<'_, Host<C>>,
         (method, args, options): (WasmStr, WasmList<GuestNode>, Options)| {
            Box::new(call_judged(store, method, args, options))
        },
    )?;
    client.resource("exchange", ResourceType::host::<Judged<C>>(), |mut store, id| {
        let host = store.data_mut();
        host.held = host.held.saturating_sub(1);
        if let Ok(mut judged) = host.resources.delete(Resource::<Judged<C>>::new_own(id)) {
            settle(&mut host.caller, &mut judged);
        }
        Ok(())
    })?;
    client.func_wrap(
        "[method]exchange.reply",
        |store: StoreContextMut<'_, Host<C>>, (exchange,): (Resource<Judged<C>>,)| {
            let judged = store.data().resources.get(&exchange)?;
            let reply: CallResult = judged.reply.clone().map_err(GuestFailure::from);
            Ok((reply,))
        },
    )?;
    client.func_wrap(
        "[method]exchange.pass",
        |mut store: StoreContextMut<'_, Host<C>>, (exchange,): (Resource<Judged<C>>,)| {
            judge(store.data_mut(), &exchange, Ok(()))
        },
    )?;
    client.func_wrap(
        "[method]exchange.fail",
        |mut store: StoreContextMut<'_, Host<C>>,
         (exchange, reason): (Resource<Judged<C>>, String)| {
            judge(store.data_mut(), &exchange, Err(Failure::Judged(reason)))
        },
    )?;
    Ok(())
}

async fn call<C: Caller>(
    mut store: StoreContextMut<'_, Host<C>>,
    method: WasmStr,
    args: WasmList<GuestNode>,
) -> wasmtime::Result<(CallResult,)> {
    let mut name = std::mem::take(&mut store.data_mut().name);
    name.clear();
    name.push_str(&method.to_str(&store)?);
    let (measured, reply) = exchange(&mut store, &name, &args, None).await?;
    let host = store.data_mut();
    host.caller.count(measured, &name, reply.as_ref().map(|_| ()));
    host.name = name;
    Ok((reply.map_err(GuestFailure::from),))
}

async fn call_judged<C: Caller>(
    mut store: StoreContextMut<'_, Host<C>>,
    method: WasmStr,
    args: WasmList<GuestNode>,
    options: Options,
) -> wasmtime::Result<(Resource<Judged<C>>,)> {
    let limit = store.data().limits.held_calls;
    if store.data().held >= limit {
        let text = format!("limit of {limit} judged calls held at a time (--max-held-calls)");
        return Err(wasmtime::Error::msg(text));
    }
    let method = method.to_str(&store)?.into_owned();
    let timeout = options.timeout_ms.map(|ms| Duration::from_millis(ms.into()));
    let (measured, reply) = exchange(&mut store, &method, &args, timeout).await?;
    let name = options.label.unwrap_or(method);
    let judged = Judged { measured: Some(measured), name, reply };
    let host = store.data_mut();
    host.held += 1;
    Ok((host.resources.push(judged)?,))
}

/// Writes the call, sends it, reads its reply. The measurement is not counted yet.
async fn exchange<C: Caller>(
    store: &mut StoreContextMut<'_, Host<C>>,
    method: &str,
    args: &WasmList<GuestNode>,
    timeout: Option<Duration>,
) -> wasmtime::Result<(C::Measured, Result<Vec<HostNode>, Failure>)> {
    store.data_mut().log_printed(false);
    let Limits { document: limits, extensions, .. } = store.data().limits;
    let mut request = store.data_mut().caller.begin();
    let encoded = encode_call(&mut *store, method, args, &mut request, (limits, extensions));
    let host = store.data_mut();
    match encoded {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            host.pay()?;
            let measured = host.caller.refuse(request);
            return Ok((measured, Err(Failure::Rejected(error.to_string()))));
        }
        Err(error) => return Err(error),
    }
    let (measured, outcome) = host.caller.exchange(request, timeout).await;
    let reply = outcome.and_then(|()| read_reply(host.caller.reply(), limits));
    if method == multicall::METHOD && reply.is_ok() {
        let asked = owned_nodes(&mut *store, args)?;
        multicall::count(&asked, &mut store.data_mut().caller, limits);
    }
    Ok((measured, reply))
}

fn read_reply(body: &[u8], limits: katydid_xmlrpc::Limits) -> Result<Vec<HostNode>, Failure> {
    let mut document = Document::default();
    match decode_reply(body, limits, &mut document) {
        Ok(Reply::Value) => Ok(document.0),
        Ok(Reply::Fault { code, message }) => Err(Failure::Fault { code, message }),
        Err(error) => Err(Failure::Protocol(error.to_string())),
    }
}

/// Counts a judged call by the scenario's verdict, once.
fn judge<C: Caller>(
    host: &mut Host<C>,
    exchange: &Resource<Judged<C>>,
    verdict: Result<(), Failure>,
) -> wasmtime::Result<()> {
    let judged = host.resources.get_mut(exchange)?;
    if let Some(measured) = judged.measured.take() {
        host.caller.count(measured, &judged.name, verdict.as_ref().map(|&()| ()));
    }
    Ok(())
}

/// Counts a call that nobody judged by its reply.
fn settle<C: Caller>(caller: &mut C, judged: &mut Judged<C>) {
    if let Some(measured) = judged.measured.take() {
        caller.count(measured, &judged.name, judged.reply.as_ref().map(|_| ()));
    }
}

impl<C: Caller> Drop for Host<C> {
    /// Calls that were never judged are counted even where their guest has trapped.
    fn drop(&mut self) {
        for entry in self.resources.iter_mut() {
            if let Some(judged) = entry.downcast_mut() {
                settle(&mut self.caller, judged);
            }
        }
    }
}

impl<C: Caller> events::Host for Host<C> {
    fn request_success(&mut self, event: events::RequestEvent) -> wasmtime::Result<()> {
        self.pay()?;
        let events::RequestEvent { request_type, name, response_time_us, response_length } = event;
        self.caller.report(&request_type, &name, response_time_us, response_length, Ok(()));
        Ok(())
    }

    fn request_failure(
        &mut self,
        event: events::RequestEvent,
        reason: String,
    ) -> wasmtime::Result<()> {
        self.pay()?;
        let events::RequestEvent { request_type, name, response_time_us, response_length } = event;
        let failure = Failure::Reported(reason);
        self.caller.report(&request_type, &name, response_time_us, response_length, Err(&failure));
        Ok(())
    }
}

impl<C: Caller> Host<C> {
    fn metric(&mut self, name: &str, value: Recorded) -> wasmtime::Result<()> {
        self.pay()?;
        self.caller.metric(name, value);
        Ok(())
    }
}

impl<C: Caller> metrics::Host for Host<C> {
    fn counter(&mut self, name: String, add: u64) -> wasmtime::Result<()> {
        self.metric(&name, Recorded::Counter(add))
    }

    fn gauge(&mut self, name: String, value: f64) -> wasmtime::Result<()> {
        if value.is_finite() {
            return self.metric(&name, Recorded::Gauge(value));
        }
        // A slip of its arithmetic, not worth a trap, and no figure either.
        self.pay()?;
        let line = format!("the gauge {name:?} is not set: {value} is no figure");
        self.budget.log(&self.limits, &mut self.caller, Level::Warn, &line);
        Ok(())
    }

    fn rate(&mut self, name: String, hit: bool) -> wasmtime::Result<()> {
        self.metric(&name, Recorded::Rate(hit))
    }

    fn trend(&mut self, name: String, value: u64) -> wasmtime::Result<()> {
        self.metric(&name, Recorded::Trend(value))
    }
}

impl<C: Caller> log::Host for Host<C> {
    fn write(&mut self, level: log::Level, message: String) {
        let level = match level {
            log::Level::Debug => Level::Debug,
            log::Level::Info => Level::Info,
            log::Level::Warn => Level::Warn,
            log::Level::Error => Level::Error,
        };
        self.budget.log(&self.limits, &mut self.caller, level, &message);
    }

    fn panicking(&mut self, message: String) {
        self.panic = Some(message);
    }
}
