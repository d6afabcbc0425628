# SPDX-License-Identifier: GPL-2.0-or-later
"""What the module tells by RPC, under the names that the tests speak of: the only
place in the tests that knows how the answers of ims_regmon.* are laid out."""
from kamailio import RpcError


class Regmon:
    def __init__(self, node):
        self.node = node

    def rpc(self, name, *params):
        return self.node.rpc(f"ims_regmon.{name}", *params)

    def summary(self):
        return self.rpc("summary")

    def phone(self, name, who):
        """the answer of a command about one phone, the one seen last"""
        return self.rpc(name, who)["phones"][0]

    def why(self, who):
        return self.phone("why", who)

    def causes(self, who):
        """ids of the causes named for a phone, the most certain first"""
        return [cause["cause"] for cause in self.why(who)["causes"]]

    def show(self, who):
        return self.phone("show", who)

    def knows(self, who):
        try:
            return bool(self.show(who))
        except RpcError:
            return False

    def state(self, who):
        return self.show(who)["state"]

    def findings(self, who):
        """ids of the rules that this phone has broken"""
        return {finding["id"] for finding in self.show(who)["findings"]}

    def timeline(self, who):
        return self.phone("timeline", who)["timeline"]

    def steps(self, who, direction=None):
        """the timeline as words: "REGISTER", "401 Unauthorized", "no final answer", ..."""
        return [entry["what"] for entry in self.timeline(who) if direction in (None, entry["direction"])]

    def list(self, *words):
        return self.rpc("list", *words)["phones"]

    def counters(self):
        """group ims_regmon of Kamailio's counters, as numbers"""
        listed = self.node.rpc("cnt.grp_get_all", "ims_regmon")
        return {name.rpartition(".")[2]: int(value) for name, value in listed.items()}

    def count(self, name):
        return self.counters()[name]

    def forget(self, who="all"):
        return self.rpc("forget", who)["forgotten"]

    def faults(self):
        """what the table's self-check finds wrong, as lines"""
        answer = self.rpc("check_invariants")
        return answer["first_faults"] if answer["faults"] else []
