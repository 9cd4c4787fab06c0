;; ApiUser, by hand: the scenario of the demo, because it needs no toolchain.
;;
;;   class ApiUser:  host http://127.0.0.1:8877/, waits 100 ms to 1 s between two tasks
;;     task get_time           weight 10   client.call("get_time")
;;     task get_random_number  weight  5   client.call("get_random_number", 0, 100)
;;
;; A core module against wit/load.wit; the host wraps it into a component. Names and layouts are those
;; of the component model's canonical ABI: a `node` takes 16 bytes (tag at 0, payload at 8), a result
;; its tag at 0 and its payload at 4. Write scenarios in a language with an SDK; read this one to see
;; that there is nothing behind it.
(module
  (import "katydid:load/client@0.1.0" "call"
    (func $call (param $method i32) (param $method_len i32)
                (param $args i32) (param $args_len i32) (param $reply i32)))
  (import "[export]katydid:load/scenario@0.1.0" "[resource-new]user"
    (func $new_user (param i32) (result i32)))

  (memory (export "memory") 1)

  ;; Names.
  (data (i32.const 0)  "ApiUser")
  (data (i32.const 8)  "get_time")
  (data (i32.const 16) "get_random_number")
  (data (i32.const 40) "http://127.0.0.1:8877/")

  ;; 64: description.
  (data (i32.const 64)
    "\00\00\00\00"                                    ;; no hooks
    "\00\00\00\00" "\00\00\00\00"                     ;; no parameters
    "\88\00\00\00" "\01\00\00\00")                    ;; classes: one at 136
  ;; 136: user-class.
  (data (i32.const 136)
    "\00\00\00\00" "\07\00\00\00"                     ;; name "ApiUser"
    "\01\00\00\00"                                    ;; weight 1
    "\00\00\00\00" "\00\00\00\00"                     ;; fixed-count: none
    "\01\00\00\00" "\28\00\00\00" "\16\00\00\00"      ;; host: some, at 40, 22 bytes
    "\02\00\00\00\00\00\00\00"                        ;; wait: between
    "\a0\86\01\00\00\00\00\00"                        ;;   100,000 us
    "\40\42\0f\00\00\00\00\00"                        ;;   1,000,000 us
    "\58\00\00\00" "\01\00\00\00"                     ;; sets: one at 88
    "\e8\00\00\00" "\02\00\00\00")                    ;; tasks: two at 232
  ;; 88: task-set, the outermost one, named like the class.
  (data (i32.const 88)
    "\00\00\00\00" "\07\00\00\00"                     ;; name
    "\00\00\00\00" "\00\00\00\00"                     ;; parent: none
    "\01\00\00\00"                                    ;; weight 1
    "\00\00\00\00"                                    ;; order: weighted
    "\00\00\00\00" "\00\00\00\00"                     ;; no tags
    "\00\00\00\00" "\00\00\00\00")                    ;; no transitions
  ;; 232: tasks.
  (data (i32.const 232)
    "\00\00\00\00"                                    ;; id 0
    "\08\00\00\00" "\08\00\00\00"                     ;; name "get_time"
    "\00\00\00\00"                                    ;; in set 0
    "\0a\00\00\00"                                    ;; weight 10
    "\00\00\00\00" "\00\00\00\00"                     ;; no tags
    "\01\00\00\00"                                    ;; id 1
    "\10\00\00\00" "\11\00\00\00"                     ;; name "get_random_number"
    "\00\00\00\00"                                    ;; in set 0
    "\05\00\00\00"                                    ;; weight 5
    "\00\00\00\00" "\00\00\00\00")                    ;; no tags
  ;; 288: the arguments (0, 100): two nodes of case 2, `int`.
  (data (i32.const 288)
    "\02\00\00\00\00\00\00\00" "\00\00\00\00\00\00\00\00"
    "\02\00\00\00\00\00\00\00" "\64\00\00\00\00\00\00\00")
  ;; 320: where `call` puts its result. 344: what all functions answer: ok, `proceed`, and nothing more;
  ;; nobody ever writes there, so that its 16 bytes stay zero.

  (global $heap (mut i32) (i32.const 512))

  ;; The host allocates replies here. All of them are dead when the next task begins.
  (func (export "cabi_realloc")
    (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32) (local $missing i32)
    (local.set $at
      (i32.and (i32.add (global.get $heap) (i32.sub (local.get $align) (i32.const 1)))
               (i32.sub (i32.const 0) (local.get $align))))
    (global.set $heap (i32.add (local.get $at) (local.get $size)))
    (local.set $missing
      (i32.sub (i32.shr_u (i32.add (global.get $heap) (i32.const 65535)) (i32.const 16))
               (memory.size)))
    (if (i32.gt_s (local.get $missing) (i32.const 0))
      (then (if (i32.eq (memory.grow (local.get $missing)) (i32.const -1)) (then (unreachable)))))
    (if (local.get $old_size)
      (then (memory.copy (local.get $at) (local.get $old) (local.get $old_size))))
    (local.get $at))

  (func (export "katydid:load/scenario@0.1.0#describe") (result i32)
    (i32.const 64))

  ;; Never called, nor is `save` below, since the description names no hook.
  (func (export "katydid:load/scenario@0.1.0#setup") (result i32)
    (i32.const 344))
  (func (export "katydid:load/scenario@0.1.0#teardown") (result i32)
    (i32.const 344))
  (func (export "katydid:load/scenario@0.1.0#shape")
    (param $elapsed i64) (param $users i32) (param $requests i64) (param $failed i64)
    (param $per_second i64) (param $p95 i64) (result i32)
    (i32.const 344))

  (func (export "katydid:load/scenario@0.1.0#[constructor]user")
    (param $class i32) (param $class_len i32) (result i32)
    (call $new_user (i32.const 1)))

  (func (export "katydid:load/scenario@0.1.0#[method]user.on-start")
    (param $user i32) (param $is_state i32) (param $state i32) (param $state_len i32) (result i32)
    (i32.const 344))

  (func (export "katydid:load/scenario@0.1.0#[method]user.run-task")
    (param $user i32) (param $task i32) (result i32)
    (global.set $heap (i32.const 512))
    (if (i32.eqz (local.get $task))
      (then
        (call $call (i32.const 8) (i32.const 8) (i32.const 0) (i32.const 0) (i32.const 320)))
      (else
        (call $call (i32.const 16) (i32.const 17) (i32.const 288) (i32.const 2) (i32.const 320))))
    ;; Whatever came of the call has been counted; this user goes on.
    (i32.const 344))

  (func (export "katydid:load/scenario@0.1.0#[method]user.wait-us") (param $user i32) (result i64)
    (i64.const 0))

  (func (export "katydid:load/scenario@0.1.0#[method]user.save") (param $user i32) (result i32)
    (i32.const 344))

  (func (export "katydid:load/scenario@0.1.0#[method]user.on-stop") (param $user i32) (result i32)
    (i32.const 344)))
