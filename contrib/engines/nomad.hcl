# Nomad with berth, below its Docker driver: the client's configuration allows the
# runtime, which Docker knows from docker.json, and a task asks for it.
# Not tried: Debian 12 has no Nomad.

plugin "docker" {
  config {
    allow_runtimes = ["runc", "berth"]
  }
}

# In a job:
#
#	task "web" {
#	  driver = "docker"
#	  config {
#	    image   = "nginx"
#	    runtime = "berth"
#	  }
#	}
