//! Tasks on one thread, of which one that is ready goes next: which, fate says.
//!
//! Touches nothing but its tasks. It runs within a tokio runtime of one thread whose clock is paused, for the timers: when no task is ready, the clock moves on to
//! the next of them. In which order tasks were woken does not matter.

use super::fate::{Fate, Fault};
use std::{
    cell::RefCell,
    collections::BTreeSet,
    fmt,
    future::poll_fn,
    pin::Pin,
    rc::Rc,
    sync::{Arc, Mutex},
    task::{Context, Poll, Wake, Waker},
};

/// What is to be done.
type Task = Pin<Box<dyn Future<Output = ()>>>;

/// Where tasks come in. Clones are of the same.
#[derive(Clone, Default)]
pub struct Door(Rc<RefCell<Vec<(&'static str, Task)>>>);

impl Door {
    /// One more task; what it is called is for the trace.
    pub fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + 'static) {
        self.0.borrow_mut().push((name, Box::pin(task)));
    }
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Door").field(&self.0.borrow().len()).finish()
    }
}

/// Which tasks are ready.
#[derive(Debug, Default)]
struct Ready {
    tasks: Mutex<BTreeSet<usize>>,
    /// Of the future that polls them.
    all: Mutex<Option<Waker>>,
}

/// Wakes one task.
struct Bell {
    fate: Fate,
    task: usize,
    ready: Arc<Ready>,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        if self.fate.shows(Fault::LosesWake, 300) {
            return;
        }
        self.ready.tasks.lock().unwrap().insert(self.task);
        if let Some(all) = &*self.ready.all.lock().unwrap() {
            all.wake_by_ref();
        }
    }
}

/// Runs tasks until the first of them has ended; `between` is called after each turn of one.
pub async fn run(
    fate: &Fate,
    door: &Door,
    first: impl Future<Output = ()> + 'static,
    mut between: impl FnMut(),
) {
    let ready = Arc::<Ready>::default();
    let mut tasks: Vec<(&'static str, Option<Task>)> = vec![("all", Some(Box::pin(first)))];
    ready.tasks.lock().unwrap().insert(0);
    poll_fn(|context| {
        *ready.all.lock().unwrap() = Some(context.waker().clone());
        let Some(at) = next(fate, &ready) else {
            return Poll::Pending;
        };
        let (name, task) = &mut tasks[at];
        if let Some(running) = task {
            fate.note(format_args!("{name} {at}"));
            let bell = Waker::from(Arc::new(Bell {
                fate: fate.clone(),
                task: at,
                ready: Arc::clone(&ready),
            }));
            if running
                .as_mut()
                .poll(&mut Context::from_waker(&bell))
                .is_ready()
            {
                *task = None;
            }
            between();
            for (name, task) in door.0.take() {
                ready.tasks.lock().unwrap().insert(tasks.len());
                tasks.push((name, Some(task)));
            }
        }
        if tasks[0].1.is_none() {
            return Poll::Ready(());
        }
        // One at a time: the runtime has its turn in between, for timers and whoever has yielded.
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

fn next(fate: &Fate, ready: &Ready) -> Option<usize> {
    let mut tasks = ready.tasks.lock().unwrap();
    let which = match tasks.len() {
        0 => return None,
        1 => 0,
        count => fate.below(count),
    };
    let task = *tasks.iter().nth(which)?;
    tasks.remove(&task);
    Some(task)
}
