//! The interface `context`: where a guest is, and what it may ask. Linked by hand, so that a row and the
//! set-up's answer, which all users share, are written from where they lie into the guest's memory.

use super::caller::Caller;
use super::host::Host;
use super::node::Nodes;
use std::sync::Arc;
use std::time::Duration;
use wasmtime::StoreContextMut;
use wasmtime::component::Linker;

type Store<'a, C> = StoreContextMut<'a, Host<C>>;

/// Offers the interface.
pub(super) fn link<C: Caller>(linker: &mut Linker<Host<C>>) -> wasmtime::Result<()> {
    let mut context = linker.instance("katydid:load/context@0.1.0")?;
    context.func_wrap("user-id", |store: Store<'_, C>, ()| Ok((store.data().user,)))?;
    context.func_wrap("iteration", |store: Store<'_, C>, ()| Ok((store.data().iteration,)))?;
    context.func_wrap("parameter", |store: Store<'_, C>, (name,): (String,)| {
        Ok((store.data().parameters.get(&name).cloned(),))
    })?;
    context.func_wrap("row", |store: Store<'_, C>, (set,): (String,)| row(store, &set))?;
    context.func_wrap("setup-data", |mut store: Store<'_, C>, ()| {
        store.data_mut().pay()?;
        let data: Option<Arc<[u8]>> = store.data().caller.setup_data();
        Ok((data,))
    })?;
    context.func_wrap("now-us", |store: Store<'_, C>, ()| Ok((store.data().caller.now_us(),)))?;
    context.func_wrap("random", |mut store: Store<'_, C>, ()| Ok((store.data_mut().random(),)))?;
    context.func_wrap_async("sleep-us", |mut store: Store<'_, C>, (us,): (u64,)| {
        Box::new(async move {
            store.data_mut().log_printed(false);
            store.data_mut().caller.sleep(Duration::from_micros(us)).await;
            Ok(())
        })
    })?;
    context.func_wrap("check", |mut store: Store<'_, C>, (name, ok): (String, bool)| {
        store.data_mut().pay()?;
        store.data_mut().caller.check(&name, ok);
        Ok(())
    })?;
    context.func_wrap("stop-run", |mut store: Store<'_, C>, (reason,): (String,)| {
        store.data_mut().caller.stop_run(&reason);
        Ok(())
    })?;
    Ok(())
}

/// `row`: an event, since it makes the host work.
fn row<C: Caller>(
    mut store: Store<'_, C>,
    set: &str,
) -> wasmtime::Result<(Result<Option<Nodes>, String>,)> {
    store.data_mut().pay()?;
    let row = store.data_mut().caller.row(set);
    Ok((row.map(|row| row.map(|row| row.0)),))
}
