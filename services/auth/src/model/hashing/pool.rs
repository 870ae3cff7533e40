//! Threads for work that fills a core, behind a bounded queue; it knows nothing of passwords.

use std::collections::VecDeque;
use std::io;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use argon2::Block;
use thread_priority::{ThreadPriority, set_current_thread_priority};
use tokio::sync::oneshot;

use super::Busy;

/// On a scale from 0 to 100, 50 being usual; on Linux this is nice +10.
const PRIORITY: u8 = 22;
/// A request for more than 32 MiB always gets pages of its own, which go back to the system when they are freed. Freed
/// 19 MiB would stay in the allocator's heap. What is not written costs nothing.
const OWN_PAGES: usize = 33 * 1024 * 1024;

/// How much a pool may take.
pub(super) struct Limits {
    /// Threads.
    pub(super) threads: NonZeroUsize,
    /// Jobs that may wait.
    pub(super) waiting: usize,
    /// A thread without work for so long gives its memory back.
    pub(super) idle: Duration,
}

/// The working memory of one thread, kept from job to job so that not every hash waits for fresh pages.
#[derive(Default)]
pub(super) struct Memory(Vec<Block>);

type Job = Box<dyn FnOnce(&mut Memory) + Send>;

/// Running threads, which stop when it is dropped.
pub(super) struct Pool(Arc<Shared>);

struct Shared {
    limits: Limits,
    queue: Mutex<Queue>,
    news: Condvar,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    is_closed: bool,
}

/// What a thread does next.
enum Next {
    Work(Job),
    Rest,
    Stop,
}

impl Pool {
    /// Starts the threads.
    ///
    /// # Errors
    /// The system has no thread for us.
    pub(super) fn start(limits: Limits) -> io::Result<Self> {
        let threads = limits.threads.get();
        let pool = Self(Arc::new(Shared { limits, queue: Mutex::default(), news: Condvar::new() }));
        for number in 0..threads {
            let shared = pool.0.clone();
            thread::Builder::new().name(format!("hashing-{number}")).spawn(move || shared.work())?;
        }
        Ok(pool)
    }

    /// What `job` answers on one of the threads. It is skipped when this future is dropped before its turn.
    ///
    /// # Errors
    /// The queue is full.
    pub(super) async fn run<T, F>(&self, job: F) -> Result<T, Busy>
    where
        T: Send + 'static,
        F: FnOnce(&mut Memory) -> T + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.0.submit(Box::new(move |memory| {
            if !reply.is_closed() {
                // Nobody waits for it any more if this fails.
                reply.send(job(memory)).ok();
            }
        }))?;
        answer.await.map_err(|_| Busy)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let mut queue = self.0.lock();
        queue.is_closed = true;
        queue.jobs.clear();
        self.0.news.notify_all();
    }
}

impl Shared {
    fn submit(&self, job: Job) -> Result<(), Busy> {
        let mut queue = self.lock();
        if queue.jobs.len() >= self.limits.waiting {
            return Err(Busy);
        }
        queue.jobs.push_back(job);
        report_depth(&queue);
        self.news.notify_one();
        Ok(())
    }

    fn work(&self) {
        lower_priority();
        let mut memory = Memory::default();
        loop {
            match self.next(&memory) {
                Next::Work(job) => {
                    // The thread must outlive a bug in a job; its caller gets no answer and asks its client to try again.
                    if catch_unwind(AssertUnwindSafe(|| job(&mut memory))).is_err() {
                        tracing::error!("a job on a hashing thread panicked");
                    }
                }
                Next::Rest => memory = Memory::default(),
                Next::Stop => return,
            }
        }
    }

    fn next(&self, memory: &Memory) -> Next {
        let mut queue = self.lock();
        loop {
            if queue.is_closed {
                return Next::Stop;
            }
            if let Some(job) = queue.jobs.pop_front() {
                report_depth(&queue);
                return Next::Work(job);
            }
            if memory.is_empty() {
                queue = self.news.wait(queue).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let waited = self.news.wait_timeout(queue, self.limits.idle).unwrap_or_else(PoisonError::into_inner);
            queue = waited.0;
            if waited.1.timed_out() && queue.jobs.is_empty() {
                return Next::Rest;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    /// `count` blocks, with whatever the last job left in them.
    pub(super) fn blocks(&mut self, count: usize) -> &mut [Block] {
        if self.0.len() < count {
            self.0 = Vec::with_capacity(count.max(OWN_PAGES / Block::SIZE));
            self.0.resize(count, Block::default());
        }
        &mut self.0[..count]
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn lower_priority() {
    let priority = PRIORITY.try_into().expect("22 is on the scale");
    if let Err(error) = set_current_thread_priority(ThreadPriority::Crossplatform(priority)) {
        tracing::warn!(?error, "passwords are hashed at the priority of everything else");
    }
}

#[expect(clippy::cast_precision_loss, reason = "a queue is far shorter than 2^52")]
fn report_depth(queue: &Queue) {
    metrics::gauge!("auth_password_hash_queue_depth").set(queue.jobs.len() as f64);
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::sync::mpsc;
    use std::task::{Context, Waker};

    use clock::Sources;

    use super::*;

    fn pool(waiting: usize) -> Pool {
        let limits = Limits { threads: NonZeroUsize::MIN, waiting, idle: Duration::from_millis(1) };
        Pool::start(limits).unwrap()
    }

    /// Lets `future` submit its job.
    fn begin(future: std::pin::Pin<&mut impl Future>) {
        assert!(future.poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }

    #[tokio::test]
    async fn beyond_the_queue_a_caller_is_asked_to_come_again() {
        let pool = pool(1);
        let (started, has_started) = mpsc::channel();
        let (finish, may_finish) = mpsc::channel::<()>();
        let mut running = pin!(pool.run(move |_| (started.send(()), may_finish.recv())));
        begin(running.as_mut());
        has_started.recv().unwrap();
        let mut waiting = pin!(pool.run(|_| "waited"));
        begin(waiting.as_mut());

        let refused = pool.run(|_| "refused").await;
        finish.send(()).unwrap();

        assert_eq!(refused, Err(Busy));
        assert_eq!(waiting.await, Ok("waited"));
    }

    #[tokio::test]
    async fn a_job_whose_caller_has_gone_is_skipped() {
        let pool = pool(2);
        let (started, has_started) = mpsc::channel();
        let (finish, may_finish) = mpsc::channel::<()>();
        let (worked, has_worked) = mpsc::channel::<()>();
        let mut running = pin!(pool.run(move |_| (started.send(()), may_finish.recv())));
        begin(running.as_mut());
        has_started.recv().unwrap();

        begin(pin!(pool.run(move |_| worked.send(()))));
        finish.send(()).unwrap();

        assert_eq!(pool.run(|_| "next").await, Ok("next"));
        assert_eq!(has_worked.try_recv(), Err(mpsc::TryRecvError::Disconnected));
    }

    #[tokio::test]
    async fn a_thread_outlives_a_job_that_panics() {
        let pool = pool(1);

        let failed = pool.run(|_| panic!("a bug")).await;

        assert_eq!(failed, Err::<(), _>(Busy));
        assert_eq!(pool.run(|_| "next").await, Ok("next"));
    }

    #[tokio::test]
    async fn memory_is_kept_between_jobs_and_goes_back_when_there_are_none() {
        let pool = pool(1);
        let sources = Sources::system();
        let touched = pool.run(|memory| memory.blocks(64).len()).await;

        let deadline = sources.now() + Duration::from_secs(10);
        while !pool.run(|memory| memory.is_empty()).await.unwrap() {
            assert!(sources.now() < deadline, "the memory is still held");
            sources.sleep(Duration::from_millis(5)).await;
        }

        assert_eq!(touched, Ok(64));
    }

    #[tokio::test]
    async fn the_threads_stop_with_the_pool() {
        let pool = pool(1);
        let shared = Arc::downgrade(&pool.0);
        assert_eq!(pool.run(|_| "worked").await, Ok("worked"));

        drop(pool);

        let sources = Sources::system();
        let deadline = sources.now() + Duration::from_secs(10);
        while shared.strong_count() > 0 {
            assert!(sources.now() < deadline, "a thread still runs");
            sources.sleep(Duration::from_millis(1)).await;
        }
    }

    #[test]
    fn threads_yield_to_everything_else() {
        let niceness = thread::spawn(|| {
            lower_priority();
            std::fs::read_to_string("/proc/thread-self/stat").unwrap()
        });

        let stat = niceness.join().unwrap();

        // Field 19 of proc(5), counted behind the name, which ends with the last parenthesis.
        let nice = stat.rsplit(')').next().unwrap().split_whitespace().nth(16).unwrap();
        assert_eq!(nice, "10");
    }
}
