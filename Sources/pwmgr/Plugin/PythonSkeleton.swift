/// A plugin in Python, to start from.
enum PythonSkeleton {
  static func files(name: String, in folder: String) -> [SkeletonFile] {
    [
      SkeletonFile(
        path: name, text: text(name), isExecutable: true,
        next: "try it: pwmgr plugin test \(folder)\(name) --option bridge=br-lan")
    ]
  }

  private static func text(_ name: String) -> String {
    """
    #!/usr/bin/env python3
    \"""The pseudowire type '\(name)': a plugin of pwmgr (docs/plugin-protocol.md).

    As it is, it serves Ethernet pseudowires whose interface joins a bridge. Change what each verb does.
    \"""
    import json
    import os
    import sys
    import traceback

    OPTIONS = [
        {"name": "bridge", "type": {"kind": "text"}, "value": "name of a bridge of the site", "absent": "none",
         "meaning": "The bridge that the interface joins."},
    ]


    def version(request):
        if 1 not in request["protocols"]:
            raise ValueError("this plugin speaks only version 1 of the protocol")
        return {"protocol": 1, "plugin_version": "0.1", "type": 5, "payload": "ethernet", "options": OPTIONS,
                "verbs": ["down", "check", "gc", "status"]}


    def validate(request):
        bridge = request["session"]["options"].get("bridge")
        if bridge is None:
            return {}
        if bridge not in request["bridges"]:
            return {"problems": [{"path": ["bridge"], "message": "the site has no bridge '%s'" % (bridge,)}]}
        return {"attachment": {"kind": "bridge", "bridge": bridge}}


    def up(request):
        state = request["state"]
        links = [{"kind": "session", "mtu": "carry", "up": state["established"] and state["peer_circuit_active"]}]
        bridge = request["session"]["options"].get("bridge")
        if bridge is not None:
            links.append({"kind": "bridge-port", "bridge": bridge})
        return {"links": links}


    def down(request):
        # Remove what you have made for request["session"] beside its links.
        return {}


    def check(request):
        # What of request["session"] is not as it should be: {"message": ...} each.
        return {"problems": []}


    def gc(request):
        # Remove what is there for other sessions than request["sessions"].
        return {}


    def status(request):
        # Why this plugin cannot serve, if it cannot: {"message": ...} each.
        return {"problems": []}


    VERBS = {"version": version, "validate": validate, "up": up, "down": down, "check": check, "gc": gc, "status": status}


    def answer(request):
        verb = VERBS.get(request["verb"])
        if verb is None:
            return {"id": request["id"], "error": "there is no verb '%s'" % request["verb"]}
        try:
            return dict(verb(request), id=request["id"])
        except Exception as error:
            traceback.print_exc()  # Into pwmgr's log.
            return {"id": request["id"], "error": "%s: %s" % (type(error).__name__, error)}


    def main():
        if "PWMGR_PLUGIN" not in os.environ:
            sys.exit("this is a plugin: pwmgr starts it; try it with 'pwmgr plugin test'")
        for line in sys.stdin:
            print(json.dumps(answer(json.loads(line))), flush=True)


    main()

    """
  }
}
