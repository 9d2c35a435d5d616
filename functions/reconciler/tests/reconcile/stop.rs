//! The command that stops everything that is open.

use serde_json::json;
use tracehook_core::Status;

use crate::world::{ONE_SECOND, World};

#[tokio::test]
async fn a_command_whose_time_is_used_up_leaves_the_rest_of_its_page_to_the_next_one() {
    let world = World::new().await;
    // A page that takes six seconds.
    world.deferred_in_one_shard(30).await;
    let running = world.at(1, Status::Processing, 10).await;
    world.engine.reports(&running.execution_name, "RUNNING");
    let (mut closed, mut commands, mut complete) = (0, 0, false);
    while !complete {
        let done = world
            .handle_within(json!({"action": "stop", "ratePerSecond": 5}), ONE_SECOND)
            .await;
        let outcomes = done["outcomes"].as_object().unwrap();
        let taken: u64 = outcomes.values().filter_map(serde_json::Value::as_u64).sum();
        complete = done["complete"] == true;
        assert!(complete || taken < 30, "{done}");
        closed += outcomes.get("closed").map_or(0, |closed| closed.as_u64().unwrap());
        commands += 1;
    }
    assert!(commands > 2, "{commands}");
    assert_eq!(closed, 31);
    assert_eq!(world.state(&running.token).await.status, Status::Stopped);
    assert_eq!(world.engine.stopped(), [running.execution_name]);
}
