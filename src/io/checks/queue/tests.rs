use super::*;
use crate::domain::evidence::{Answer, Fact, Object, SubjectKind, Unclear};
use crate::domain::video::Facts;

const ORDER: By = By::Order { afresh: false };
const AFRESH: By = By::Order { afresh: true };
const SWEEP: By = By::Sweep { afresh: false };

fn video(name: &str) -> Subject {
    Subject::of(SubjectKind::Video, &format!("s3://acme-video/{name}.mp4")).unwrap()
}

fn observation(answer: Answer<Facts>) -> Arc<Observation> {
    let fact = Fact::Video(Box::new(Object { region: None, signed: false, answer }));
    Arc::new(Observation { at_ms: 1, requests: 1, cached: false, fact })
}

fn empty() -> Arc<Observation> {
    observation(Answer::Empty)
}

fn unclear() -> Arc<Observation> {
    observation(Answer::Unclear(Unclear::Throttled))
}

/// The names requested until nothing waits.
fn all(queue: &mut Queue) -> Vec<String> {
    std::iter::from_fn(|| queue.next(true)).map(|subject| subject.url().unwrap().stem().to_owned()).collect()
}

fn told(queue: &mut Queue) -> Vec<(String, Vec<RowId>)> {
    let batch = queue.out().take();
    batch.into_iter().map(|it| (it.subject.url().unwrap().stem().to_owned(), it.rows)).collect()
}

#[test]
fn queue_serves_orders_then_visible_rows_then_the_sweep() {
    let mut queue = Queue::new(false);
    queue.begin_sweep();
    for row in 0..3 {
        queue.want(row, video(&format!("swept-{row}")), SWEEP);
    }
    queue.look(vec![(7, video("seen")), (2, video("swept-2")), (8, video("seen-too"))]);
    queue.want(9, video("ordered"), ORDER);
    assert_eq!(all(&mut queue), ["ordered", "seen", "swept-2", "seen-too", "swept-0", "swept-1"]);
}

#[test]
fn a_subject_is_asked_once_and_told_to_every_row_that_named_it() {
    let mut queue = Queue::new(false);
    queue.want(1, video("a"), ORDER);
    queue.want(2, video("a"), SWEEP);
    assert_eq!(all(&mut queue), ["a"]);
    queue.want(3, video("a"), ORDER);
    queue.answered(&video("a"), empty());
    queue.want(4, video("a"), ORDER);
    assert_eq!(all(&mut queue), [""; 0]);
    assert_eq!(told(&mut queue), [("a".to_owned(), vec![1, 2, 3, 4])]);
    assert!(told(&mut queue).is_empty());
}

#[test]
fn rows_scrolled_away_are_dropped_but_orders_stay() {
    let mut queue = Queue::new(false);
    queue.look(vec![(1, video("a")), (2, video("b"))]);
    queue.want(2, video("b"), ORDER);
    assert_eq!(queue.next(true), Some(video("b")));
    queue.look(vec![(3, video("c"))]);
    assert_eq!(all(&mut queue), ["c"]);
    // Requests under way still report.
    queue.answered(&video("b"), empty());
    assert_eq!(told(&mut queue), [("b".to_owned(), vec![2])]);
    queue.look(vec![(1, video("a"))]);
    assert_eq!(all(&mut queue), ["a"]);
}

#[test]
fn an_unclear_answer_is_asked_for_again_only_by_an_order_or_the_next_sweep() {
    let mut queue = Queue::new(false);
    queue.begin_sweep();
    queue.want(1, video("a"), SWEEP);
    queue.next(true);
    queue.answered(&video("a"), unclear());
    queue.want(2, video("a"), SWEEP);
    queue.look(vec![(3, video("a"))]);
    assert_eq!((all(&mut queue).len(), queue.done()), (0, 1));
    assert_eq!(told(&mut queue), [("a".to_owned(), vec![1, 2, 3])]);
    queue.want(1, video("a"), ORDER);
    assert_eq!(all(&mut queue), ["a"]);
    queue.answered(&video("a"), unclear());
    queue.begin_sweep();
    queue.want(1, video("a"), SWEEP);
    assert_eq!(all(&mut queue), ["a"]);
}

#[test]
fn known_subjects_are_asked_again_only_afresh() {
    let mut queue = Queue::new(true);
    queue.want(1, video("a"), AFRESH);
    // Nothing is looked up either.
    assert_eq!(queue.recall(9), None);
    queue.next(true);
    queue.answered(&video("a"), empty());
    queue.want(1, video("a"), ORDER);
    assert_eq!(all(&mut queue), [""; 0]);
    queue.want(1, video("a"), AFRESH);
    assert_eq!(all(&mut queue), ["a"]);
    queue.answered(&video("a"), empty());
    queue.begin_sweep();
    queue.want(1, video("a"), By::Sweep { afresh: true });
    queue.want(2, video("a"), By::Sweep { afresh: true });
    assert_eq!(all(&mut queue), ["a"]);
    queue.answered(&video("a"), empty());
    queue.want(3, video("a"), By::Sweep { afresh: true });
    assert_eq!((all(&mut queue).len(), queue.done()), (0, 1));
}

#[test]
fn a_sweep_counts_each_thing_once_and_not_what_was_known_before() {
    let mut queue = Queue::new(false);
    queue.want(0, video("known"), ORDER);
    queue.next(true);
    queue.answered(&video("known"), empty());
    queue.begin_sweep();
    queue.want(1, video("known"), SWEEP);
    assert_eq!((queue.done(), queue.swept_open()), (0, 0));
    // Visible before the sweep reaches it.
    queue.look(vec![(5, video("seen"))]);
    queue.next(true);
    queue.answered(&video("seen"), empty());
    for row in [5, 6] {
        queue.want(row, video("seen"), SWEEP);
    }
    assert_eq!((queue.done(), queue.swept_open()), (1, 0));
    for row in [7, 8] {
        queue.want(row, video("new"), SWEEP);
    }
    assert_eq!((queue.done(), queue.swept_open()), (1, 1));
    queue.next(true);
    queue.answered(&video("new"), empty());
    assert_eq!((queue.done(), queue.swept_open()), (2, 0));
}

#[test]
fn cached_answers_need_no_request() {
    let mut queue = Queue::new(true);
    queue.begin_sweep();
    for (row, name) in ["a", "b", "c"].into_iter().enumerate() {
        queue.want(row as RowId, video(name), SWEEP);
    }
    assert_eq!(queue.next(true), None);
    assert_eq!(queue.recall(2), Some(vec![video("a"), video("b")]));
    assert_eq!(queue.recall(2), None);
    // During the lookup, the operator wants one of them from S3 itself.
    queue.want(0, video("a"), AFRESH);
    let found = [video("a"), video("b")].map(|subject| (subject, Arc::unwrap_or_clone(empty())));
    queue.recalled(found.into());
    assert_eq!(told(&mut queue), [("b".to_owned(), vec![1])]);
    assert_eq!(queue.recall(2), Some(vec![video("c")]));
    queue.recalled(HashMap::new());
    assert_eq!(all(&mut queue), ["a", "c"]);
    assert_eq!((queue.done(), queue.swept_open()), (1, 2));
}

#[test]
fn stopping_a_sweep_keeps_visible_rows_and_orders() {
    let mut queue = Queue::new(true);
    queue.begin_sweep();
    for name in ["a", "b", "c", "d"] {
        queue.want(1, video(name), SWEEP);
    }
    queue.recall(2);
    queue.look(vec![(1, video("b")), (1, video("d"))]);
    queue.end_sweep();
    queue.recalled(HashMap::new());
    assert_eq!(all(&mut queue), ["b"]);
    queue.recall(9);
    queue.recalled(HashMap::new());
    assert_eq!(all(&mut queue), ["d"]);
    assert_eq!(queue.swept_open(), 0);
}

#[test]
fn a_paused_sweep_hands_nothing_out() {
    let mut queue = Queue::new(false);
    queue.begin_sweep();
    queue.want(1, video("a"), SWEEP);
    queue.look(vec![(2, video("b"))]);
    assert_eq!((queue.next(false), queue.next(false)), (Some(video("b")), None));
    assert_eq!(queue.next(true), Some(video("a")));
}

#[test]
fn next_row_comes_after_all_rows_handed_out() {
    let mut queue = Queue::new(true);
    queue.begin_sweep();
    queue.look(vec![(2, video("seen"))]);
    for row in 4..8 {
        queue.want(row, video(&row.to_string()), SWEEP);
    }
    assert_eq!(queue.next_row(8), 4);
    queue.recall(3);
    queue.recalled(HashMap::new());
    queue.next(true);
    assert_eq!((queue.next(true), queue.next_row(8)), (Some(video("4")), 5));
    assert_eq!(queue.now(), [2, 4]);
    queue.next(true);
    assert_eq!(queue.next_row(8), 6);
    queue.recall(9);
    queue.recalled(HashMap::new());
    all(&mut queue);
    assert_eq!(queue.next_row(8), 8);
}
