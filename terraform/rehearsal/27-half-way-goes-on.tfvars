# The apply goes on without the reservation.

sources    = { default = { preset = "hmac-sha256" } }
stage_name = "v2"
functions  = { processor = { memory_mb = 1536 } }
