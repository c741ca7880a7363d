package session

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestAnAppThatDoesNotListenIsSpokenOfOnce(t *testing.T) {
	at := time.Unix(1000, 0)
	late := at.Add(silentTime)
	a := &app{service: "web", port: 3000}
	a.on(record{Kind: recordStarted}, at)
	if e := a.silent(late.Add(-time.Millisecond)); len(e) > 0 {
		t.Errorf("too early: %+v", e)
	}
	e := a.silent(late)
	if len(e) != 1 || e[0].Kind != Warned || e[0].Port != 3000 || e[0].Text != "the app runs, and does not listen on port 3000 15 s after its start" || e[0].Hint == "" {
		t.Fatalf("said: %+v", e)
	}
	a.on(record{Kind: recordStarted}, late) // a restart, as silent as before
	if e := a.silent(late.Add(silentTime)); len(e) > 0 {
		t.Errorf("said again: %+v", e)
	}
	a.on(record{Kind: recordListening, Port: 3000}, late)
	a.on(record{Kind: recordStarted}, late)
	if e := a.silent(late.Add(silentTime)); len(e) != 1 {
		t.Errorf("of one that did listen meanwhile: %+v", e)
	}
}

func TestAppsThatNobodyWaitsForAreNotSpokenOf(t *testing.T) {
	at := time.Unix(1000, 0)
	for name, a := range map[string]*app{
		"no port":           {state: AppRunning, startedAt: at},
		"listens":           {port: 1, state: AppListening, startedAt: at},
		"listens elsewhere": {port: 1, state: AppWrongPort, startedAt: at},
		"crashed":           {port: 1, state: AppCrashed, startedAt: at},
		"no supervisor":     {port: 1, state: AppRunning, startedAt: at, plain: true},
		"closed its port":   {port: 1, state: AppRunning},
	} {
		if e := a.silent(at.Add(time.Hour)); len(e) > 0 {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

func TestTheAlarmIsTheFirstAppsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		r := &run{apps: map[string]*app{
			"web": {port: 1, state: AppRunning, startedAt: began.Add(time.Second)},
			"api": {port: 2, state: AppRunning, startedAt: began},
		}}
		<-r.silentAlarm(began)
		if took := time.Since(began); took != silentTime {
			t.Errorf("it comes after %s, want %s", took, silentTime)
		}
		if r.apps["web"].silenceTold, r.apps["api"].silenceTold = true, true; r.silentAlarm(began) != nil {
			t.Error("there is an alarm for apps that were spoken of")
		}
	})
}

// A service that was taken out of the model is of no interest, and no reason to be
// woken again and again.
func TestAnAppThatIsGoneFromTheModelWakesNobody(t *testing.T) {
	s := newScene(t)
	r := bare(t, s, RunOptions{})
	r.apps["old"] = &app{service: "old", port: 1, state: AppRunning, startedAt: time.Now().Add(-silentTime / 2)}
	if !r.comingUp(time.Now()) || r.silentAlarm(time.Now()) == nil {
		t.Fatal("it is of no interest while it is there")
	}
	r.adoptServices()
	if r.comingUp(time.Now()) {
		t.Error("it still comes up")
	}
	if alarm := r.silentAlarm(time.Now()); alarm != nil {
		t.Error("there is an alarm for it")
	}
}

func TestARestartSaysThatTheAppDoesNotListen(t *testing.T) {
	var e *NotReadyError
	err := (&app{service: "web", port: 3000, state: AppRunning}).notBack(time.Minute, []string{"on 4000"})
	if !errors.As(err, &e) || e.Text != "was restarted, and does not listen on port 3000 within 1m0s" || e.Hint() != silentHint || len(e.Last) != 1 {
		t.Errorf("error %+v", err)
	}
	for _, a := range []*app{{service: "web", port: 3000}, {service: "web", state: AppRunning}} {
		if !errors.As(a.notBack(time.Minute, nil), &e) || e.Text != "did not restart within 1m0s" || e.Hint() != "" {
			t.Errorf("error %+v of %+v", e, a)
		}
	}
}
